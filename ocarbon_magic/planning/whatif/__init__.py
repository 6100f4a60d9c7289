"""The same work elsewhere: another place, device, hour, count, overhead or power cap."""
