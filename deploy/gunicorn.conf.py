# ruff: noqa: INP001 - a file of settings, no module
"""How gunicorn serves the site behind a web server: two processes with eight threads each, on a socket of its own."""

bind = "unix:/run/courseware/web.sock"
wsgi_app = "courseware.wsgi:application"
worker_class = "gthread"
workers = 2
threads = 8
timeout = 60
graceful_timeout = 15
worker_tmp_dir = "/dev/shm"  # noqa: S108 - gunicorn makes its own private file there
umask = 0o007  # the web server in front, of our group, may use the socket
loglevel = "warning"
