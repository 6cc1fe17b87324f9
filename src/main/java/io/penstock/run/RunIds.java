package io.penstock.run;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.UUID;

/** Names of runs and tasks that gateway and topologies agree on without talking. */
public final class RunIds {
    private RunIds() {}

    /** One alert is one run per topic it addresses: a name-based UUID of both. */
    public static String runId(String alertId, String topic) {
        return UUID.nameUUIDFromBytes((alertId + "/" + topic).getBytes(UTF_8)).toString();
    }

    /** Key of a capture task: {@code run id/processor/value}. */
    public static String taskKey(String runId, String processor, String value) {
        return runId + "/" + processor + "/" + value;
    }
}
