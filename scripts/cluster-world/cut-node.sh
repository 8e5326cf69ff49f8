#!/bin/sh
# The command of a world under `drilling.partition`: cuts the node that PGCONVOY_NODE names off, or lets it in again.
#   cut-node.sh <ip> <bridge>
# The device of node n2 is that of the bridge with a 2 behind it; what has left the bridge is up, and reaches nobody.
device=$2${PGCONVOY_NODE#n}
case $PGCONVOY_ACTION in
  cut) exec "$1" link set "$device" nomaster ;;
  heal) exec "$1" link set "$device" master "$2" up ;;
  *) echo "PGCONVOY_ACTION is neither cut nor heal" >&2; exit 2 ;;
esac
