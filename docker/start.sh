#!/bin/sh
# Runs Penstock in its container. The JVM takes over this process, so that signals and its exit code need no passing on.
# The heap is half of the container's memory: RocksDB, the embedding model and the page cache need the other half.
# Words of PENSTOCK_JAVA_OPTS are options of their own, and win over these.
# shellcheck disable=SC2086
exec java \
    -XX:MaxRAMPercentage=50 \
    -XX:+ExitOnOutOfMemoryError \
    -XX:ErrorFile="${PENSTOCK_DATA:-/var/lib/penstock}/hs_err_pid%p.log" \
    --enable-native-access=ALL-UNNAMED \
    --add-modules jdk.incubator.vector \
    --sun-misc-unsafe-memory-access=allow \
    ${PENSTOCK_JAVA_OPTS:-} \
    -jar /opt/penstock/quarkus-run.jar
