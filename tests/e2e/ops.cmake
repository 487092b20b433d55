lotcast_script_test(e2e_broker_acl LABEL e2e COMMAND bash tests/e2e/broker-acl.sh)
