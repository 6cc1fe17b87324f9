#!/bin/bash
# Whether Penstock can be used: 0 when /q/health/ready answers 200. Bash opens the connection itself, because the image
# need not have curl or anything like it.
exec 2>/dev/null
exec 3<>"/dev/tcp/127.0.0.1/${PENSTOCK_PORT:-8080}" || exit 1
printf 'GET /q/health/ready HTTP/1.0\r\nHost: localhost\r\n\r\n' >&3
IFS=' ' read -r -t 4 _ status _ <&3
[ "$status" = 200 ]
