package io.penstock.capture;

import static org.assertj.core.api.Assertions.assertThatCode;

import io.penstock.schema.CapturedResponses;
import io.penstock.schema.Fence;
import java.lang.reflect.Proxy;
import java.time.Instant;
import org.apache.kafka.streams.state.KeyValueStore;
import org.junit.jupiter.api.Test;

class ResponseMemoryTest {
    @Test
    void shouldNotLookIntoItsStoreWhenARunIsCancelled() {
        @SuppressWarnings("unchecked")
        KeyValueStore<String, CapturedResponses> untouched =
                (KeyValueStore<String, CapturedResponses>) Proxy.newProxyInstance(
                        getClass().getClassLoader(), new Class<?>[] {KeyValueStore.class}, (_, method, _) -> {
                            throw new AssertionError(method.getName());
                        });
        Fence cancelled = Fence.newBuilder()
                .setFenceId("run/r")
                .setTopic("")
                .setRunId("r")
                .setRequestedAt(Instant.EPOCH)
                .build();

        assertThatCode(() -> new ResponseMemory(untouched).forget(cancelled)).doesNotThrowAnyException();
    }
}
