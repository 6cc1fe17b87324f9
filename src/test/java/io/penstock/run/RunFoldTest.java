package io.penstock.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.schema.Run;
import io.penstock.schema.RunItem;
import io.penstock.schema.RunState;
import io.penstock.serde.AvroSerdes;
import io.penstock.serde.MemoryRegistry;
import java.time.Instant;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.processor.api.MockProcessorContext;
import org.apache.kafka.streams.processor.api.MockProcessorContext.CapturedPunctuator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;
import org.junit.jupiter.api.Test;

class RunFoldTest {
    private static final Instant START = Instant.parse("2026-05-01T10:00:00Z");

    private final AvroSerdes serdes = new AvroSerdes(new MemoryRegistry());
    private final MockProcessorContext<String, Object> context = new MockProcessorContext<>();
    private final KeyValueStore<String, Run> runs = store(RunsTopology.RUNS, serdes.store(Run.class));
    private final KeyValueStore<String, String> places = store(RunsTopology.RUNS_BY_TIME, Serdes.String());

    @Test
    void shouldListRunsThatAnEarlierVersionKept() {
        store(RunsTopology.RUN_ITEMS, serdes.store(RunItem.class));
        Run old = run("run-1", "alert-1");
        runs.put("run-1", old);
        Run listed = run("run-2", "alert-2");
        runs.put("run-2", listed);
        places.put(RunOrder.place(listed), "alert-2");
        String stale = RunOrder.place(START.plusSeconds(60), "run-1");
        places.put(stale, "alert-1");
        new RunFold().init(context);
        assertThat(places.get(RunOrder.place(old)))
                .as("nothing commits what is written while it begins")
                .isNull();

        CapturedPunctuator soon = context.scheduledPunctuators().getFirst();
        soon.getPunctuator().punctuate(START.toEpochMilli());

        assertThat(places.get(RunOrder.place(old))).isEqualTo("alert-1");
        assertThat(places.get(stale)).as("where it stood before").isNull();
        assertThat(places.get(RunOrder.place(listed))).isEqualTo("alert-2");
        assertThat(soon.cancelled()).isTrue();
        new RunFold().init(context);
        assertThat(context.scheduledPunctuators()).as("once").hasSize(1);
    }

    private static Run run(String id, String alert) {
        return Run.newBuilder()
                .setRunId(id)
                .setAlertId(alert)
                .setState(RunState.DONE)
                .setStartedAt(START)
                .setLastEventAt(START)
                .setFinishedAt(START)
                .build();
    }

    private <V> KeyValueStore<String, V> store(String name, Serde<V> values) {
        KeyValueStore<String, V> store = Stores.keyValueStoreBuilder(
                        Stores.inMemoryKeyValueStore(name), Serdes.String(), values)
                .withLoggingDisabled()
                .build();
        store.init(context.getStateStoreContext(), store);
        return store;
    }
}
