"""A real WordPress on loopback: Debian's own, with MariaDB and PHP's web server, in a folder of its own."""

import os
import shutil
import signal
import socket
import subprocess
import time
import urllib.parse
import urllib.request
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.conftest import required_or_skip

SHIPPED = Path("/usr/share/wordpress")
NEEDED = ("mariadbd", "mariadb-install-db", "mariadb", "php")
#: Seconds to wait for a server to answer.
PATIENCE = 60

CONFIG = """<?php
define('DB_NAME', 'wordpress'); define('DB_USER', 'root'); define('DB_PASSWORD', '');
define('DB_HOST', 'localhost:{socket}'); define('DB_CHARSET', 'utf8mb4'); define('DB_COLLATE', '');
foreach (['AUTH', 'SECURE_AUTH', 'LOGGED_IN', 'NONCE'] as $name) {{
    define($name . '_KEY', 'k' . $name); define($name . '_SALT', 's' . $name);
}}
define('WP_HOME', '{url}'); define('WP_SITEURL', '{url}');
define('WP_HTTP_BLOCK_EXTERNAL', true); define('DISABLE_WP_CRON', true); define('WP_AUTO_UPDATE_CORE', false);
$table_prefix = 'wp_';
if (!defined('ABSPATH')) define('ABSPATH', __DIR__ . '/');
require_once ABSPATH . 'wp-settings.php';
"""
#: The package comes without themes.
THEME = """<!doctype html><html <?php language_attributes(); ?>>
<head><title><?php wp_title(''); ?></title></head>
<body><?php while (have_posts()) { the_post(); ?>
<article><h1><?php the_title(); ?></h1><?php the_content(); ?></article><?php } ?></body></html>
"""


def needs_wordpress() -> None:
    """Skip where Debian's packages are not installed."""
    missing = [name for name in NEEDED if shutil.which(name) is None]
    if missing or not (SHIPPED / "wp-load.php").exists():
        required_or_skip(
            "needs Debian's packages wordpress, mariadb-server, php-cli and php-mysql: apt-get install them"
        )


class WordPress:
    """Runs until the ``with`` block ends; the site is installed and has one post of WordPress itself."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.root = folder / "site"
        # A path to a socket may have some hundred characters at most.
        self.socket = f"/tmp/wordpress-{os.getpid()}.sock"
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._servers: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> Self:
        try:
            self._start()
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for server in reversed(self._servers):
            # With the workers of PHP's web server, which would outlive it.
            os.killpg(server.pid, signal.SIGTERM)
            server.wait()

    def _start(self) -> None:
        data = self.folder / "data"
        owner = ["--user=root"] if os.geteuid() == 0 else []
        self._run("mariadb-install-db", "--no-defaults", f"--datadir={data}", "--skip-test-db", *owner)
        self._serve(
            "mariadbd",
            "--no-defaults",
            f"--datadir={data}",
            f"--socket={self.socket}",
            f"--pid-file={data}/pid",
            "--skip-networking",
            "--skip-grant-tables",
            *owner,
        )
        self._wait(lambda: Path(self.socket).exists())
        self._wait(self._has_database)
        shutil.copytree(SHIPPED, self.root)
        (self.root / "wp-config.php").write_text(CONFIG.format(socket=self.socket, url=self.url), "utf-8")
        self._serve("php", "-S", f"127.0.0.1:{self.port}", "-t", str(self.root))
        self._wait(lambda: socket.create_connection(("127.0.0.1", self.port)).close() is None)
        self._install()

    def _has_database(self) -> bool:
        self._run(
            "mariadb",
            "--no-defaults",
            f"--socket={self.socket}",
            "-e",
            "CREATE DATABASE IF NOT EXISTS wordpress",
        )
        return True

    def _install(self) -> None:
        form = {
            "weblog_title": "Dorpshuis",
            "user_name": "beheer",
            "admin_password": "niet-van-belang-1",
            "admin_password2": "niet-van-belang-1",
            "pw_weak": "1",
            "admin_email": "beheer@voorbeeld.example",
            "blog_public": "1",
            "language": "",
        }
        body = urllib.parse.urlencode(form).encode()
        with urllib.request.urlopen(f"{self.url}/wp-admin/install.php?step=2", body, timeout=120) as answer:
            page = answer.read().decode()
        assert "wp-login.php" in page, page[-2000:]
        theme = self.root / "wp-content" / "themes" / "plain"
        theme.mkdir(parents=True)
        (theme / "style.css").write_text("/* Theme Name: Plain */", "utf-8")
        (theme / "index.php").write_text(THEME, "utf-8")
        self.php("switch_theme('plain');")
        self.php(
            "global $wp_rewrite; $wp_rewrite->set_permalink_structure('/%postname%/'); "
            "$wp_rewrite->flush_rules();"
        )

    def php(self, code: str) -> str:
        """Run PHP inside WordPress; what it prints."""
        return self._run("php", "-r", f"require '{self.root}/wp-load.php'; {code}", cwd=self.root)

    def write(self, title: str, text: str) -> int:
        """Publish a post; its number."""
        post = f"['post_title' => '{title}', 'post_content' => '{text}', 'post_status' => 'publish']"
        return int(self.php(f"echo wp_insert_post({post});"))

    def edit(self, number: int, title: str, text: str) -> None:
        """Change a post."""
        self.php(
            f"wp_update_post(['ID' => {number}, 'post_title' => '{title}', 'post_content' => '{text}']);"
        )

    def bin(self, number: int) -> None:
        """Put a post into the bin."""
        self.php(f"wp_trash_post({number});")

    def delete(self, number: int) -> None:
        """Delete a post for good."""
        self.php(f"wp_delete_post({number}, true);")

    def close_api(self) -> None:
        """Keep the whole API to those who are signed in, as plugins do."""
        plugins = self.root / "wp-content" / "mu-plugins"
        plugins.mkdir(exist_ok=True)
        (plugins / "closed.php").write_text(
            "<?php add_filter('rest_authentication_errors', fn($result) => "
            "new WP_Error('rest_forbidden', 'Niet voor u.', ['status' => 401]));",
            "utf-8",
        )

    def open_api(self) -> None:
        """Take :meth:`close_api` back."""
        (self.root / "wp-content" / "mu-plugins" / "closed.php").unlink()

    def _run(self, *command: str, cwd: Path | None = None) -> str:
        ran = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
        assert ran.returncode == 0, f"{command[0]}: {ran.stderr or ran.stdout}"
        return ran.stdout

    def _serve(self, *command: str) -> None:
        log = open(self.folder / f"{command[0]}.log", "wb")  # noqa: SIM115 - the server writes to it
        environment = {**os.environ, "PHP_CLI_SERVER_WORKERS": "3"}
        self._servers.append(
            subprocess.Popen(command, stdout=log, stderr=log, env=environment, start_new_session=True)
        )
        log.close()

    def _wait(self, ready: "object") -> None:
        until = time.monotonic() + PATIENCE
        while True:
            try:
                if ready():  # type: ignore[operator]
                    return
            except (OSError, AssertionError):
                if time.monotonic() > until:
                    raise
            assert time.monotonic() < until, "a server does not start: see the logs in its folder"
            time.sleep(0.2)
