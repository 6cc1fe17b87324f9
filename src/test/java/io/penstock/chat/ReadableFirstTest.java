package io.penstock.chat;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.processor.StateStoreContext;
import org.apache.kafka.streams.processor.api.MockProcessorContext;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ReadableFirstTest {
    private final List<String> seen = new ArrayList<>();
    private final KeyValueStore<Bytes, byte[]> below =
            ReadableFirst.stores(Stores.inMemoryKeyValueStore("below")).get();
    private final KeyValueStore<String, String> store = Stores.keyValueStoreBuilder(
                    ReadableFirst.stores(Stores.inMemoryKeyValueStore("store")), Serdes.String(), Serdes.String())
            .withLoggingDisabled()
            .build();

    @BeforeEach
    void start() {
        StateStoreContext context = new MockProcessorContext<Void, Void>().getStateStoreContext();
        below.init(context, below);
        store.init(context, store);
    }

    @Test
    void shouldRunOnceTheValueCanBeRead() {
        ReadableFirst.put(store, "k", "v", () -> seen.add(store.get("k")));

        assertThat(seen).containsExactly("v");
    }

    @Test
    void shouldRunBelowTheLayerThatWritesTheChangelog() {
        Bytes key = Bytes.wrap("k".getBytes(UTF_8));

        ReadableFirst.put(logged(), key, "v".getBytes(UTF_8), () -> seen.add(text(below.get(key))));

        assertThat(seen).containsExactly("v", "logged");
    }

    /** Stands for that layer, which hands a value down before it writes it. */
    @SuppressWarnings("unchecked")
    private KeyValueStore<Bytes, byte[]> logged() {
        return (KeyValueStore<Bytes, byte[]>) Proxy.newProxyInstance(
                ReadableFirstTest.class.getClassLoader(),
                new Class<?>[] {KeyValueStore.class},
                (_, method, arguments) -> {
                    method.invoke(below, arguments);
                    seen.add("logged");
                    return null;
                });
    }

    private static String text(byte[] value) {
        return new String(value, UTF_8);
    }

    @Test
    void shouldRunForNoOtherValue() {
        ReadableFirst.put(store, "k", "v", () -> {
            store.put("l", "w");
            seen.add(store.get("k") + store.get("l"));
        });
        store.put("m", "x");

        assertThat(seen).containsExactly("vw");
    }

    @Test
    void shouldRunForNoOtherValueAfterAFailure() {
        assertThatThrownBy(() -> ReadableFirst.put(store, "k", "v", () -> {
                    throw new IllegalStateException("It cannot be sent.");
                }))
                .isInstanceOf(IllegalStateException.class);
        store.put("k", "w");

        assertThat(store.get("k")).isEqualTo("w");
    }
}
