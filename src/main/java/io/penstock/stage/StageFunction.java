package io.penstock.stage;

import org.apache.kafka.common.header.Headers;
import org.apache.kafka.streams.processor.api.ProcessorContext;

/**
 * What a {@link DurableStage} does with each record: a short preparation on the StreamThread, then a slow call anywhere else.
 *
 * <p><b>Threading.</b> All methods are called on the StreamThread of the task, one at a time. Only the {@link AsyncCall} that
 * {@link #prepare} returns runs on another thread; it must not touch the context or any store.
 *
 * @param <K> key of the record
 * @param <V> value of the record
 * @param <R> result of the call
 */
public interface StageFunction<K, V, R> {

    /** Called when the task starts, and again whenever it is started anew; the place to look up state stores. */
    default void init(ProcessorContext<?, ?> context) {}

    /** Whose capacity the call uses. The call starts only when the provider has room. */
    default Provider provider(K key, V value) {
        return Provider.UNLIMITED;
    }

    /**
     * Called immediately before each attempt, once the record is at the head of its lane and its provider has room: whatever
     * came before it in the lane is finished and its result was forwarded. May read stores, must not write or forward.
     *
     * @param attempt 1 for the first attempt; the count survives restarts
     */
    Step<R> prepare(K key, V value, Headers headers, int attempt);
}
