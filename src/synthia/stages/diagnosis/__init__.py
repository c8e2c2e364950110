"""Diagnosis of any model's files, made here or elsewhere: what runs in the locked environments."""
