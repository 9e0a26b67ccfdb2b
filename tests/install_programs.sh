#!/bin/sh
# Sees to it that there are a Chromium for the browser tests, a curl to compare with and an openssl that makes their
# certificate: the machine's own, or Debian's.
set -eu
has_browser() {
  for name in chromium chromium-browser google-chrome; do
    if command -v "$name" >/dev/null; then return 0; fi
  done
  [ -d "/Applications/Google Chrome.app" ] || [ -d "/Applications/Chromium.app" ]
}
missing=""
if ! has_browser; then missing="chromium fonts-dejavu-core"; fi
if ! command -v curl >/dev/null; then missing="$missing curl"; fi
if ! command -v openssl >/dev/null; then missing="$missing openssl"; fi
if [ -z "$missing" ]; then exit 0; fi
if command -v apt-get >/dev/null; then
  run=""
  if [ "$(id -u)" != 0 ]; then run="sudo"; fi
  $run apt-get update -qq
  DEBIAN_FRONTEND=noninteractive $run apt-get install -y -qq --no-install-recommends $missing >/dev/null
  exit 0
fi
echo "The tests need Chromium or Chrome, curl and openssl; please install: $missing" >&2
exit 1
