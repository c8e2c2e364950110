#!/bin/bash
# The pipeline on the GPUs of a Slurm cluster, in the project's images by Apptainer. Preempted or cut off by its time
# limit, the job goes on from the last checkpoint when it runs again. In the project's folder, on a file system that the
# machines share:
#
#   TRAIN=docker://REGISTRY/NAME@sha256:... CONVERT=docker://REGISTRY/NAME@sha256:... sbatch launch/slurm.sh
#
# with the references that ./invoke push printed. Where the machines reach no registry: `docker save` of an image writes
# an archive of its OCI layout, TRAIN=oci-archive:/path/train.tar.
# The first job needs the Hub, and a package registry for the few small packages of ./invoke.
#
# One GPU of one node is asked for; where more are given, as by `sbatch --nodes=2 --gres=gpu:4`, the train stage shares
# each step among them all. The other stages run on the first node.
#SBATCH --job-name=synthia
#SBATCH --nodes=1
#SBATCH --ntasks-per-node=1
#SBATCH --cpus-per-task=8
#SBATCH --mem=32G
#SBATCH --gres=gpu:1
#SBATCH --time=24:00:00
#SBATCH --requeue
#SBATCH --open-mode=append
#SBATCH --output=slurm-%j.log
set -euo pipefail
project=${SLURM_SUBMIT_DIR:-$PWD}
recipe=${RECIPE:-synthia-7b}
for image in "${TRAIN:-}" "${CONVERT:-}"; do
    case $image in
        docker://*@sha256:* | oci:?* | oci-archive:?* | *.sif) ;;
        *)
            echo "slurm.sh: TRAIN and CONVERT must name the images, docker://REGISTRY/NAME@sha256:..., oci:FOLDER," \
                "oci-archive:FILE or a .sif file; one is '$image'" >&2
            exit 2
            ;;
    esac
done
cache=$(mktemp -d)
trap 'rm -rf "$cache"' EXIT
mkdir "$cache/cache" "$cache/work"

# Nothing of the machine but the project is seen inside, and of its environment the Hub's token alone.
inside() {
    local image=$1
    shift
    apptainer exec --nv --containall --workdir "$cache/work" --bind "$project:/synthia" --bind "$cache/cache:/cache" \
        --env "SYNTHIA_CACHE=/cache/synthia" --pwd /synthia "$image" sh launch/inside.sh "$@" --recipe "$recipe"
}

# As srun calls it below, on every node.
if [ "${1:-}" = together ]; then
    unset APPTAINERENV_HF_TOKEN
    inside "$TRAIN" train train --nnodes "$SLURM_NNODES" --node-rank "$SLURM_NODEID" --master-addr "$2"
    exit
fi
export APPTAINERENV_HF_TOKEN=${HF_TOKEN:-}
if [ "${SLURM_NNODES:-1}" -gt 1 ]; then
    # One node makes what all read: they share the folder.
    inside "$TRAIN" train prepare
    first=$(scontrol show hostnames "$SLURM_JOB_NODELIST" | sed -n 1p)
    srun --ntasks-per-node=1 --cpus-per-task="${SLURM_CPUS_PER_TASK:-8}" --kill-on-bad-exit=1 \
        bash "$project/launch/slurm.sh" together "$first"
fi
inside "$TRAIN" train merge
unset APPTAINERENV_HF_TOKEN
inside "$CONVERT" convert convert
inside "$TRAIN" train sample-hf
inside "$CONVERT" convert evaluate
