#!/bin/sh
# Install what the tests need from Debian, where that is allowed; otherwise print the one line to run.
set -eu
missing=""
command -v chromium >/dev/null 2>&1 || missing="$missing chromium"
ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || missing="$missing postgresql"
fc-list 2>/dev/null | grep -q "Noto Sans CJK" || missing="$missing fontconfig fonts-noto-cjk"
command -v softhsm2-util >/dev/null 2>&1 || missing="$missing softhsm2"
command -v pk12util >/dev/null 2>&1 || missing="$missing libnss3-tools"
[ -x /usr/sbin/nginx ] || missing="$missing nginx-light"
command -v xvfb-run >/dev/null 2>&1 || missing="$missing xvfb"
/usr/bin/python3 -c "import tkinter" 2>/dev/null || missing="$missing python3-tk"
ldconfig -p 2>/dev/null | grep -q libharfbuzz-subset.so || missing="$missing libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"
command -v pdftotext >/dev/null 2>&1 || missing="$missing poppler-utils"
command -v pcscd >/dev/null 2>&1 || [ -x /usr/sbin/pcscd ] || missing="$missing pcscd"
[ -e /etc/reader.conf.d/vpcd ] || missing="$missing vsmartcard-vpcd"
command -v pkcs11-tool >/dev/null 2>&1 || missing="$missing opensc"
ls /usr/lib/*/opensc-pkcs11.so >/dev/null 2>&1 || missing="$missing opensc-pkcs11"
[ -e /usr/include/PCSC/winscard.h ] || missing="$missing libpcsclite-dev"
headers=$(python3 -c "import sysconfig; print(sysconfig.get_path('include'))" 2>/dev/null || true)
[ -e "$headers/Python.h" ] || missing="$missing python3-dev"
for tool in gcc pkg-config swig; do command -v $tool >/dev/null 2>&1 || missing="$missing $tool"; done
[ -n "$missing" ] || exit 0
if [ "$(id -u)" = 0 ]; then
    as_root=""
elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
    as_root="sudo"
else
    echo "These Debian packages are missing. Run this line, then try again:" >&2
    echo "  sudo apt-get update && sudo apt-get install -y$missing" >&2
    exit 1
fi
$as_root apt-get update -qq
DEBIAN_FRONTEND=noninteractive $as_root apt-get install -y -qq $missing >/dev/null
