#!/bin/bash
# Process 1 of a lab machine. lab/machine.ts starts it in namespaces of its own (mounts, processes, host name):
#   machine.sh FOLDER NAME COMPOSE PACKAGES
# The machine's file system is this one's with a layer of its own above, kept in memory; what belongs to one machine only
# is fresh. It says "ready", and ends with everything in it when its input ends.
set -eu
folder=$1 name=$2 compose=$3 packages=$4

mount -t tmpfs -o mode=755 p24-lab "$folder"
mkdir "$folder/upper" "$folder/work" "$folder/root"
mount -t overlay p24-lab -o "lowerdir=/,upperdir=$folder/upper,workdir=$folder/work" "$folder/root"
cd "$folder/root"
mount -t proc proc proc
mount --rbind /sys sys

fresh() { # MODE PATH
  mkdir -p "$2"
  mount -t tmpfs -o "mode=$1" p24-lab "$2"
}
# Its own device files too: /dev is the kernel's and one for all, and a machine's programs are root.
fresh 755 dev
mkdir dev/pts
mount -t devpts -o newinstance,gid=5,mode=620,ptmxmode=666 p24-lab dev/pts
fresh 1777 dev/shm
ln -s pts/ptmx dev/ptmx
ln -s /proc/self/fd dev/fd
ln -s /proc/self/fd/0 dev/stdin
ln -s /proc/self/fd/1 dev/stdout
ln -s /proc/self/fd/2 dev/stderr
node() { # NAME MAJOR MINOR
  mknod -m 666 "dev/$1" c "$2" "$3"
}
node null 1 3
node zero 1 5
node full 1 7
node random 1 8
node urandom 1 9
node tty 5 0
fresh 1777 tmp
fresh 700 root
fresh 755 run
fresh 755 home
fresh 755 usr/local
fresh 755 opt
fresh 711 var/lib/docker
rm -rf etc/p24-host var/lib/p24-host etc/sudoers.d/p24-host etc/ssh/ssh_host_*
mkdir -p run/sshd usr/local/bin usr/local/sbin usr/local/lib/docker/cli-plugins var/cache/apt/archives/partial
: >usr/local/lib/docker/cli-plugins/docker-compose
mount --bind "$compose" usr/local/lib/docker/cli-plugins/docker-compose
cp "$packages"/age_* "$packages"/busybox_* var/cache/apt/archives/
rm -f var/lib/man-db/auto-update # seconds of indexing manuals behind every package that is installed

mkdir run/outside
pivot_root . run/outside
umount -l /run/outside
rmdir /run/outside
cd /
hostname "$name"
ssh-keygen -q -t ed25519 -N '' -f /etc/ssh/ssh_host_ed25519_key

echo ready
# bash, because as process 1 it buries the orphans of the whole machine while it waits for input.
while IFS= read -r _; do :; done
