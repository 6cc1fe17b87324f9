package io.penstock.capture;

import io.penstock.schema.CaptureTask;
import io.penstock.schema.CapturedResponses;
import io.penstock.schema.DataEntry;
import io.penstock.schema.Fence;
import io.penstock.schema.StoredResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;

/**
 * The store of responses that may be asked for conditionally. Its keys are {@code incarnation/processor/value}, so a new life of a
 * segment knows nothing of the old one, and what a fence ends lies together.
 *
 * <p><b>Threading.</b> StreamThread only, but for the static methods.
 */
public final class ResponseMemory {
    private final KeyValueStore<String, CapturedResponses> store;

    ResponseMemory(KeyValueStore<String, CapturedResponses> store) {
        this.store = store;
    }

    static String key(CaptureTask task) {
        DataEntry entry = task.getEntry();
        return task.getIncarnation() + "/" + task.getProcessor() + "/" + (entry == null ? "" : entry.getValue());
    }

    /** Writes only what has changed, since unchanged content should cost nothing. */
    void remember(CaptureTask task, List<StoredResponse> responses) {
        String key = key(task);
        CapturedResponses before = store.get(key);
        if (responses.isEmpty()) {
            if (before != null) {
                store.delete(key);
            }
            return;
        }
        if (before == null || !before.getResponses().equals(responses)) {
            store.put(
                    key,
                    CapturedResponses.newBuilder()
                            .setTopic(task.getTopic())
                            .setSegment(task.getSegment())
                            .setResponses(responses)
                            .build());
        }
    }

    /** Deletes what belongs to the lives that the fence ends. */
    void forget(Fence fence) {
        if (fence.getRunId() != null) {
            return; // a cancelled run ends no life, and the store may be large
        }
        List<String> ended = new ArrayList<>();
        for (String incarnation : fence.getIncarnations()) {
            try (KeyValueIterator<String, CapturedResponses> entries =
                    store.prefixScan(incarnation + "/", new StringSerializer())) {
                entries.forEachRemaining(entry -> ended.add(entry.key));
            }
        }
        if (fence.getIncarnations().isEmpty()) {
            try (KeyValueIterator<String, CapturedResponses> entries = store.all()) {
                while (entries.hasNext()) {
                    KeyValue<String, CapturedResponses> entry = entries.next();
                    if (isIn(fence, entry.value)) {
                        ended.add(entry.key);
                    }
                }
            }
        }
        ended.forEach(store::delete);
    }

    private static boolean isIn(Fence fence, CapturedResponses responses) {
        return fence.getTopic().equals(responses.getTopic())
                && (fence.getSegment() == null || fence.getSegment().equals(responses.getSegment()));
    }

    /** What the store says of an entry to people who look into it: all but the content. */
    public static Map<String, Object> describe(Object stored) {
        CapturedResponses entry = (CapturedResponses) stored;
        Map<String, Object> description = new TreeMap<>();
        description.put("topic", entry.getTopic());
        description.put("segment", entry.getSegment());
        description.put(
                "responses",
                entry.getResponses().stream().map(ResponseMemory::describe).toList());
        return description;
    }

    private static Map<String, Object> describe(StoredResponse response) {
        Map<String, Object> description = new TreeMap<>();
        description.put("uri", response.getUri());
        description.put("bytes", response.getBody().remaining());
        if (response.getEtag() != null) {
            description.put("etag", response.getEtag());
        }
        if (response.getLastModified() != null) {
            description.put("last_modified", response.getLastModified());
        }
        return description;
    }
}
