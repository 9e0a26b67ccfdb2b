#!/bin/sh
# Sees to it that there is a Chromium for the browser tests: the machine's own, or Debian's package.
set -eu
for name in chromium chromium-browser google-chrome; do
  if command -v "$name" >/dev/null; then exit 0; fi
done
if [ -d "/Applications/Google Chrome.app" ] || [ -d "/Applications/Chromium.app" ]; then exit 0; fi
if command -v apt-get >/dev/null; then
  run=""
  if [ "$(id -u)" != 0 ]; then run="sudo"; fi
  $run apt-get update -qq
  DEBIAN_FRONTEND=noninteractive $run apt-get install -y -qq --no-install-recommends chromium fonts-dejavu-core >/dev/null
  exit 0
fi
echo "The browser tests need Chromium or Chrome; please install one." >&2
exit 1
