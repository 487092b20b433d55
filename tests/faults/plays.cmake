# Processes killed and stopped in the middle of a lot.
lotcast_script_test(faults_plays LABEL faults TIMEOUT 300 COMMAND node tests/faults/plays.mjs)
lotcast_script_test(faults_storm LABEL faults TIMEOUT 300 COMMAND node tests/faults/storm.mjs 1 8)
lotcast_script_test(faults_cut LABEL faults TIMEOUT 300 COMMAND node tests/faults/cut.mjs)
