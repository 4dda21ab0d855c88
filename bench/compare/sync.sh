#!/bin/bash
# The spec's own way: "SSH to relevant VPS, regenerate .env, docker compose up -d".
#
#   sync.sh loop SSH_CONFIG HOSTS           one host after the other; HOSTS has a line a host: NAME DIRECTORY
#   sync.sh one SSH_CONFIG NAME DIRECTORY   a single one, for xargs
set -euo pipefail

deliver() { # NAME DIRECTORY
  {
    sops -d --output-type dotenv secrets/shared.sops.yaml
    sops -d --output-type dotenv "secrets/$1.sops.yaml"
  } | ssh -F "$config" "$1" "umask 077; cd '$2' && cat >.env.new && mv .env.new .env && docker compose up -d"
}

config=$2
case $1 in
one) deliver "$3" "$4" ;;
loop) while read -r name directory; do deliver "$name" "$directory"; done <"$3" ;;
esac
