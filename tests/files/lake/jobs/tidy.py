import time

# As long as it takes to see it run.
time.sleep(30)
