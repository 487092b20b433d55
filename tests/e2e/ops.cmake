lotcast_script_test(e2e_broker_acl LABEL e2e COMMAND bash tests/e2e/broker-acl.sh)
lotcast_script_test(e2e_up LABEL e2e TIMEOUT 240 COMMAND python3 tests/e2e/up.py)
# Builds images: minutes, and nothing where docker is absent.
lotcast_script_test(docker_compose LABEL long TIMEOUT 1800 SERIAL COMMAND python3 tests/docker/compose_test.py)
