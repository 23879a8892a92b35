# shellcheck shell=sh
# Part of install.sh: the program, built beside the old one and switched by a rename.

program_version() {
    sed -n 's/^version = "\(.*\)"$/\1/p' "$here/pyproject.toml" | head -n 1
}

# One name for everything that makes up the installed program: equal name, equal content.
program_name() {
    digest=$(
        cd "$here"
        {
            "$python" -V
            printf '%s\n' "$architecture"
            find src templates appliance requirements pyproject.toml -type f ! -name '*.pyc' -print0 |
                LC_ALL=C sort -z | xargs -0 sha256sum
        } | sha256sum | cut -c 1-12
    )
    printf '%s-%s' "$(program_version)" "$digest"
}

# A stamp alone does not see files that somebody deleted later.
is_whole() {
    [ -e "$1/.complete" ] && "$1/bin/python" -I - <<'PROGRAM' 2>/dev/null && "$1/bin/xmpp-wizard" --version >/dev/null 2>&1
import csv, importlib.metadata, sys
for package in importlib.metadata.distributions():
    # package.files would leave out just those that are missing.
    for path, *_ in csv.reader((package.read_text("RECORD") or "").splitlines()):
        if not path.endswith(".pyc") and not package.locate_file(path).exists():
            sys.exit(1)
PROGRAM
}

pip() {
    "$new/bin/python" -m pip --no-cache-dir "$@"
}

# Locked files only, and no build from source: nothing unchecked is run as root.
# Where a host's configuration adds another index, as Raspberry Pi OS does, pip
# drops that index's files, because their hashes are not ours.
pip_locked() {
    pip install -q --require-hashes --no-deps --only-binary :all: "$@"
}

install_dependencies() {
    # an installation that was killed may still be writing into it for a moment
    rm -rf "$new" 2>/dev/null || { sleep 3 && rm -rf "$new"; }
    mkdir -p "$home/versions"
    if [ "$architecture" = armhf ]; then
        "$python" -m venv --system-site-packages "$new"
        pip_locked -r "$here/requirements/runtime-armhf.txt"
    else
        "$python" -m venv "$new"
        pip_locked -r "$here/requirements/runtime.txt"
    fi
}

# The build tool is pinned too, and is gone afterwards.
install_program_itself() {
    build=$new/.build
    pip_locked --target "$build/tool" -r "$here/requirements/build.txt"
    PYTHONPATH="$build/tool" pip wheel -q --no-deps --no-build-isolation --wheel-dir "$build" "$here"
    pip install -q --no-deps --no-index "$build"/*.whl
    rm -rf "$build"
    "$new/bin/xmpp-wizard" --version
    sync -f "$new"
    touch "$new/.complete"
}

# link TARGET NAME: there is never a moment without the link.
link() {
    ln -sfn "$1" "$2.new"
    mv -fT "$2.new" "$2"
}

# The one before stays: an apply that still runs may have it open.
forget_old_programs() {
    for version in "$home"/versions/*; do
        [ "$version" = "$new" ] || [ "$version" = "$previous" ] || rm -rf "$version"
    done
}

install_program() {
    new=$home/versions/$(program_name)
    previous=$(readlink -f "$home/current" || true)
    if is_whole "$new"; then
        say "xmpp-wizard $(program_version) is installed and whole."
    else
        step "Installing the program's libraries, hash-checked" 60 install_dependencies
        step "Installing xmpp-wizard $(program_version)" 15 install_program_itself
    fi
    link "versions/${new##*/}" "$home/current"
    mkdir -p "${command_link%/*}"
    link "$home/current/bin/xmpp-wizard" "$command_link"
    forget_old_programs
}
