# Any bytes on any port.
lotcast_script_test(torture_http LABEL faults TIMEOUT 90 COMMAND node tests/faults/torture_http.mjs)
lotcast_script_test(torture_sockets LABEL faults TIMEOUT 90 COMMAND node tests/faults/torture_sockets.mjs)
lotcast_script_test(torture_broker LABEL faults TIMEOUT 90 COMMAND node tests/faults/torture_broker.mjs)
# More connections than descriptors.
lotcast_script_test(faults_descriptors LABEL faults TIMEOUT 60 COMMAND node tests/faults/descriptors.mjs)
