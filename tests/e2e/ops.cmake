lotcast_script_test(e2e_broker_acl LABEL e2e COMMAND bash tests/e2e/broker-acl.sh)
lotcast_script_test(e2e_up LABEL e2e TIMEOUT 240 COMMAND python3 tests/e2e/up.py)
