package io.penstock.stage;

import java.util.function.Supplier;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.jspecify.annotations.Nullable;

/**
 * The stage's processor, one for each task. Streams may call {@code close()} and then {@code init()} on the same instance (a
 * task that is suspended and resumed), so everything lives in a {@link StageLife} that is made afresh by each {@code init()}.
 *
 * <p><b>Threading.</b> StreamThread only.
 */
final class DurableStage<K, V, R> implements Processor<K, V, Object, Object> {
    private final StageOptions options;
    private final Serde<K> keySerde;
    private final Serde<V> valueSerde;
    private final Supplier<StageFunction<K, V, R>> function;
    private final StageRuntime runtime;
    private @Nullable StageLife<K, V, R> life;

    DurableStage(
            StageOptions options,
            Serde<K> keySerde,
            Serde<V> valueSerde,
            Supplier<StageFunction<K, V, R>> function,
            StageRuntime runtime) {
        this.options = options;
        this.keySerde = keySerde;
        this.valueSerde = valueSerde;
        this.function = function;
        this.runtime = runtime;
    }

    @Override
    public void init(ProcessorContext<Object, Object> context) {
        close(); // Streams closes nothing when an init() fails, and calls it again
        StageLife<K, V, R> started = new StageLife<>(options, keySerde, valueSerde, function.get(), runtime, context);
        life = started;
        try {
            started.start();
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    @Override
    public void process(Record<K, V> record) {
        if (life == null) {
            throw new IllegalStateException("Stage " + options.name() + " got a record before it was started.");
        }
        life.process(record);
    }

    @Override
    public void close() {
        if (life != null) {
            life.close();
            life = null;
        }
    }
}
