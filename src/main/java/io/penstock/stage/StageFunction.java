package io.penstock.stage;

import org.apache.kafka.common.header.Headers;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.jspecify.annotations.Nullable;

/**
 * What a {@link DurableStageSupplier durable stage} does with each record: a short preparation on the StreamThread, then a slow
 * call anywhere else.
 *
 * <p><b>Threading.</b> All methods are called on the StreamThread of the task, one at a time. Only the {@link AsyncCall} that
 * {@link #prepare} returns runs on another thread; it must not touch the context or any store.
 *
 * <p><b>Errors.</b> What {@link #prepare} or {@link #provider} throws is a failed attempt, retried like a failed call; only
 * exceptions of Kafka Streams itself pass through, for they tell the task to stop. What the other methods throw ends the
 * StreamThread.
 *
 * @param <K> key of the record
 * @param <V> value of the record
 * @param <R> result of the call
 */
public interface StageFunction<K, V, R> {

    /** Called when the task starts, and again whenever it is started anew; the place to look up state stores. */
    default void init(ProcessorContext<?, ?> context) {}

    /** Whose capacity the call uses. Asked once for each record and start of the task; must not read stores. */
    default Provider provider(K key, V value) {
        return Provider.UNLIMITED;
    }

    /**
     * The lane of a record in a {@link StageOrder#PER_KEY} stage: records whose lanes are equal are handled one after the other, in
     * the order they came in. By default the record's key. Asked once for each record and start of the task; must not read stores, and
     * must answer the same for the same record.
     *
     * @return told apart by {@code equals}, or by its bytes when it is a {@code byte[]}; null for a record that is in no lane
     */
    default @Nullable Object lane(K key, V value) {
        return key;
    }

    /**
     * Called immediately before each attempt, once the record is at the head of its lane and its provider has room: whatever
     * came before it in the lane is finished and its result was forwarded. (Records of a {@link StageOrder#GLOBAL} stage have no
     * lane to wait in: those before may still be executing.) May read stores, must not write or forward.
     *
     * @param attempt 1 for the first attempt; the count survives restarts
     */
    Step<R> prepare(K key, V value, Headers headers, int attempt);

    /**
     * Whether the record is a fence: not work to be done, but the order to give up pending work. It needs no call and is
     * never pending itself. Asked for every record that comes in.
     */
    default boolean isFence(K key, V value) {
        return false;
    }

    /**
     * Whether the fence stops the pending record. Each one it stops is dropped without any result, its call interrupted; then
     * {@link FencePassed} is forwarded to the result child under the fence's key.
     */
    default boolean fences(V fence, K pendingKey, V pendingValue) {
        return false;
    }
}
