package io.penstock.stage;

import java.util.Set;
import java.util.function.Supplier;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorSupplier;
import org.apache.kafka.streams.state.StoreBuilder;

/**
 * A durable asynchronous stage: each record is kept in a changelogged store, a slow call is made for it away from the
 * StreamThread, and the outcome is forwarded by the StreamThread in the transaction that deletes the record from the store.
 * <b>Outcomes are exactly once</b> (under {@code exactly_once_v2}; at least once otherwise), <b>calls are at least once</b>.
 *
 * <p>Adding the processor adds its store. It forwards, with the key, timestamp and headers that the record came with,
 *
 * <ul>
 *   <li>{@code Record<K, R>} to the result child,
 *   <li>{@code Record<K, FailedCall<V>>} to the failure child,
 *   <li>{@code Record<K, CallEvent<V>>} to the event child, if there is one, for what calls say while they run,
 *   <li>{@code Record<K, FencePassed<V>>} to the result child, when the {@link StageFunction} knows fences.
 * </ul>
 *
 * <p>Give {@code KafkaStreams} the {@linkplain StageRuntime#clients() clients of the runtime}: then a call that ends wakes its
 * StreamThread up, and a task that is full pauses the partitions it reads, while its StreamThread goes on polling, committing and
 * serving other tasks.
 *
 * <p><b>Threading.</b> Everything runs on the task's StreamThread but the {@link AsyncCall}s, which reach it through a queue
 * that it drains while processing and on a wall-clock tick. The tick exists only while something is pending, and grows rarer while
 * nothing comes back.
 *
 * <p><b>Limitations.</b>
 *
 * <ul>
 *   <li>Nothing below the stage may throw: an exception in a child ends the StreamThread after the call was made, and the call
 *       is made again after the restart.
 *   <li>A call may be made more than once for one attempt: a crash or rebalance cuts it off uncounted. Calls must bear it.
 *   <li>A result waits for the StreamThread, and its reader for the next commit under exactly-once. A call that took long may wait for a
 *       tick besides, at most a sixteenth of the time in which nothing
 *       happened and about a quarter of a second.
 *   <li>The pending store is in memory unless {@link StageOptions#withPendingOnDisk()} says otherwise, so a backlog is bounded by the
 *       heap; {@link StageOptions#withMaxParked} should be chosen with the size of the records in mind. On disk, a record's payload is
 *       on the heap only while it is prepared and executing, and while a fence that stops it passes.
 *   <li>Without transactions ({@code at_least_once}), a result and the deletion of its record travel apart. With the runtime's clients
 *       the deletion waits until the result has arrived, so that a crash, or a task that moves, can only repeat a call; with other
 *       clients a crash may lose the result.
 *   <li>When a task is full, records that Kafka Streams has fetched already still become pending: at most
 *       {@code buffered.records.per.partition} and {@code max.poll.records} beyond the bound. A fence behind them waits as they do.
 *   <li>Where intake cannot be paused (other clients, records that come from no topic), it is held back for at most
 *       {@link StageOptions#withBlockBudget} per task and round of the StreamThread, then records are accepted beyond the bound.
 *       While it is held back, the other tasks of the thread stand still too.
 *   <li>Cancelling is an interrupt. A call that ignores it keeps its thread and its place at the provider until it ends; the
 *       stage itself goes on without it.
 *   <li>Deadlines are looked at once per tick, and later when the StreamThread is busy elsewhere.
 *   <li>Limits of providers and stages hold within one process, not across instances.
 *   <li>A record that is backing off holds up its lane; under {@link StageOrder#GLOBAL} it holds up every result behind it. Events are
 *       in the order of their own call alone.
 *   <li>A fence is passed at once: it does not wait for records before it that it does not stop, whatever the order.
 *   <li>Order holds among outcomes of one task. Results that were forwarded while another record was processed carry that
 *       record's {@code recordMetadata()}: the origin of a failure is in {@link FailedCall}.
 *   <li>A pending record whose bytes the serdes no longer read stops the task at its start, for there is nothing that could
 *       be forwarded in its place.
 *   <li>Waits between attempts go by the machine's clock across a restart.
 * </ul>
 *
 * @param <K> key of the records, kept
 * @param <V> value of the records
 * @param <R> result of the calls
 */
public final class DurableStageSupplier<K, V, R> implements ProcessorSupplier<K, V, Object, Object> {
    private final StageOptions options;
    private final Serde<K> keySerde;
    private final Serde<V> valueSerde;
    private final Supplier<StageFunction<K, V, R>> function;
    private final StageRuntime runtime;

    /**
     * @param keySerde for keys in the pending store; called with the name of its changelog
     * @param valueSerde for values in the pending store; called with the name of its changelog
     * @param function asked for a function each time a task starts
     */
    public DurableStageSupplier(
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
    public Processor<K, V, Object, Object> get() {
        return new DurableStage<>(options, keySerde, valueSerde, function, runtime);
    }

    @Override
    public Set<StoreBuilder<?>> stores() {
        return Set.of(PendingTable.builder(options.pendingStore(), options.pendingOnDisk()));
    }
}
