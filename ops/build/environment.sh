# Sourced by ops/run, ops/test and ops/eventfeatures: where things are, what is installed when missing, how to build.
# Everything that it makes lies in .build/ of the checkout, apart for each account, and can be deleted at any time.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
account=$(id -u)

say() { printf '%s\n' "$*" >&2; }
fail() { say "$1"; exit "${2:-3}"; }

# A folder of this account's own, in the checkout where that can be written, else in the user's cache.
own_folder() {
  local wanted=$1 fallback=$2
  if mkdir -p "$wanted" 2>/dev/null && [ -w "$wanted" ] && [ -O "$wanted" ]; then echo "$wanted"; return; fi
  mkdir -p "$fallback" && echo "$fallback"
}

checkout_id=$(printf '%s' "$root" | sha256sum | cut -c1-12)
if [ ! -d "${HOME:-}" ] || [ ! -w "${HOME:-}" ]; then export HOME="${TMPDIR:-/tmp}/eventfeatures-home-$account"; mkdir -p "$HOME"; chmod 700 "$HOME"; fi
build_folder=$(own_folder "$root/.build/$account" "$HOME/.cache/eventfeatures/$checkout_id/build")
artifacts="$build_folder/artifacts"

# No build server outlives its build, and no first-run banner hides an error.
export MSBUILDDISABLENODEREUSE=1 DOTNET_CLI_USE_MSBUILD_SERVER=0 DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1
export DOTNET_SKIP_FIRST_TIME_EXPERIENCE=1 DOTNET_GENERATE_ASPNET_CERTIFICATE=false

need_dotnet() {
  command -v dotnet >/dev/null || fail "The .NET 10 SDK is missing: no 'dotnet' on the path. Install it (https://dotnet.microsoft.com/download) and try again."
  case "$(dotnet --version 2>/dev/null)" in
    10.*|1[1-9].*) ;;
    *) fail "The .NET SDK found is $(dotnet --version 2>&1 | head -n 1); version 10 is needed." ;;
  esac
}

# Installs Debian packages (separated by spaces) unless the check passes; an ordinary user needs sudo for it, or is told what to ask for.
need_package() {
  local check=$1 package=$2 why=$3 log="$build_folder/install-${2// /-}.log"
  if eval "$check" >/dev/null 2>&1; then return; fi
  say "Installing $package ($why)..."
  local as=()
  if [ "$account" != 0 ]; then
    sudo -n true 2>/dev/null || fail "$package is missing ($why), and this account may not install it. Ask an administrator to run: apt-get install $package"
    as=(sudo -n)
  fi
  command -v apt-get >/dev/null || fail "$package is missing ($why), and this is not a Debian machine. Install it and try again."
  # Debian starts a cluster of its own on installation; ours is private, so that one is not wanted.
  if [ "$package" = postgresql ] && [ ! -d /etc/postgresql-common ]; then
    "${as[@]}" mkdir -p /etc/postgresql-common
    echo 'create_main_cluster = false' | "${as[@]}" tee /etc/postgresql-common/createcluster.conf >/dev/null
  fi
  {
    "${as[@]}" env DEBIAN_FRONTEND=noninteractive apt-get update -q &&
    "${as[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $package
  } >"$log" 2>&1 || fail "Installing $package failed; see $log"
  eval "$check" >/dev/null 2>&1 || fail "$package was installed but is still not found. See $log"
}

postgres_is_here() {
  [ -n "${EVENTFEATURES_POSTGRES:-}" ] || [ -n "${EVENTFEATURES_POSTGRES_BIN:-}" ] ||
    ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || command -v initdb >/dev/null
}

need_postgres() {
  need_package postgres_is_here postgresql "the database"
  command -v setpriv >/dev/null || need_package 'command -v setpriv' util-linux "to run the database under an account of its own"
}

# Builds one project, or the solution, unless nothing changed since it was last built.
build() {
  local target=$1 stamp="$build_folder/built-$(basename "$1")"
  (
    flock 9
    # From within, since the checkout itself may lie below a folder of such a name; and of folders too, which change where files go.
    if [ -e "$stamp" ] && [ -z "$(cd "$root" && find src tests ops/build EventFeatures.sln -newer "$stamp" \
        -not -path '*/bin/*' -not -path '*/obj/*' -not -path '*/node_modules/*' -print -quit)" ]; then exit 0; fi
    need_dotnet
    say "Building $(basename "$target") (a minute or two the first time)..."
    local begun; begun=$(mktemp "$build_folder/begun.XXXXXX")
    if ! dotnet build "$root/$target" -c Release --artifacts-path "$artifacts" -v q -nologo -nodeReuse:false \
        -p:UseSharedCompilation=false >"$build_folder/build.log" 2>&1; then
      grep -E 'error|warning' "$build_folder/build.log" | sort -u | head -n 20 >&2 || tail -n 20 "$build_folder/build.log" >&2
      rm -f "$begun"
      fail "The build failed; the whole output is in $build_folder/build.log" 70
    fi
    mv "$begun" "$stamp"
  ) 9>"$build_folder/lock"
}
