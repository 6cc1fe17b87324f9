package io.penstock.vector;

import static io.penstock.vector.Chunks.chunk;
import static io.penstock.vector.Chunks.key;
import static io.penstock.vector.Chunks.value;
import static io.penstock.vector.OpenStore.keys;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.penstock.embedding.Vectors;
import io.penstock.schema.Chunk;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.errors.InvalidStateStoreException;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.lucene.search.IndexSearcher;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LuceneVectorStoreTest {
    private static final Chunk ROSES = chunk("roses", "Prune roses in March.", 1, 2, 3, 4);
    private static final Chunk BEANS = chunk("beans", "Sow beans in May.", 4, 3, 2, 1);

    @TempDir
    private Path folder;

    @Test
    void shouldReturnTheWholeChunkWithItsEmbeddingRightAfterThePut() {
        try (OpenStore open = new OpenStore(folder, OpenStore.LAZY, () -> OpenStore.NOW)) {
            open.put("a", ROSES).put("b", BEANS);

            assertThat(open.get("a")).isEqualTo(ROSES);
            assertThat(open.get("b")).isEqualTo(BEANS);
            assertThat(open.has("c")).isFalse();
        }
    }

    @Test
    void shouldReplaceTheChunkWhenItsKeyIsPutAgain() {
        try (OpenStore open = new OpenStore(folder)) {
            open.put("a", ROSES);
            assertThat(open.get("a")).isEqualTo(ROSES);
            open.put("a", BEANS);

            assertThat(open.get("a")).isEqualTo(BEANS);
            assertThat(keys(open.store.all())).containsExactly("a");
        }
    }

    @Test
    void shouldReturnTheOldValueWhenAKeyIsDeleted() {
        try (OpenStore open = new OpenStore(folder)) {
            open.put("a", ROSES).put("b", BEANS);

            assertThat(open.store.delete(key("a")))
                    .satisfies(old -> assertThat(Chunks.CODEC.decode(old)).isEqualTo(ROSES));
            assertThat(open.store.delete(key("a"))).isNull();
            assertThat(open.has("a")).isFalse();
            assertThat(open.has("b")).isTrue();
        }
    }

    @Test
    void shouldKeepTheFirstValueWhenPutIfAbsentMeetsOne() {
        try (OpenStore open = new OpenStore(folder)) {
            assertThat(open.store.putIfAbsent(key("a"), value(ROSES))).isNull();
            assertThat(open.store.putIfAbsent(key("a"), value(BEANS)))
                    .satisfies(old -> assertThat(Chunks.CODEC.decode(old)).isEqualTo(ROSES));
            assertThat(open.get("a")).isEqualTo(ROSES);
        }
    }

    @Test
    void shouldIterateInKeyOrderWithinTheBounds() {
        try (OpenStore open = new OpenStore(folder)) {
            for (String id : List.of("d", "b", "e", "a", "c")) {
                open.put(id, ROSES);
            }
            open.delete("c");

            assertThat(keys(open.store.all())).containsExactly("a", "b", "d", "e");
            assertThat(keys(open.store.reverseAll())).containsExactly("e", "d", "b", "a");
            assertThat(keys(open.store.range(key("b"), key("d")))).containsExactly("b", "d");
            assertThat(keys(open.store.range(key("bb"), key("dd")))).containsExactly("d");
            assertThat(keys(open.store.range(null, key("b")))).containsExactly("a", "b");
            assertThat(keys(open.store.range(key("d"), null))).containsExactly("d", "e");
            assertThat(keys(open.store.reverseRange(key("a"), key("d")))).containsExactly("d", "b", "a");
            assertThat(keys(open.store.range(key("e"), key("a")))).isEmpty();
        }
    }

    @Test
    void shouldFindTheKeysWithAPrefixAndNoOthers() {
        try (OpenStore open = new OpenStore(folder)) {
            for (String id : List.of("t/a/p/1#0", "t/a/p/1#1", "t/a/p/10#0", "t/b/p/1#0", "t/\u00e4/p/1#0")) {
                open.put(id, ROSES);
            }

            assertThat(keys(open.store.prefixScan("t/a/p/1#", new StringSerializer())))
                    .containsExactly("t/a/p/1#0", "t/a/p/1#1");
            assertThat(keys(open.store.prefixScan("t/\u00e4/", new StringSerializer())))
                    .containsExactly("t/\u00e4/p/1#0");
            assertThat(keys(open.store.prefixScan("u", new StringSerializer()))).isEmpty();
        }
    }

    @Test
    void shouldKeepItsViewWhileAnIterationGoesOn() {
        try (OpenStore open = new OpenStore(folder)) {
            open.put("a", ROSES).put("b", BEANS);
            List<Chunk> seen = new ArrayList<>();
            try (KeyValueIterator<Bytes, byte[]> entries = open.store.all()) {
                assertThat(new String(entries.peekNextKey().get(), UTF_8)).isEqualTo("a");
                open.delete("b");
                assertThat(open.has("b")).isFalse();
                entries.forEachRemaining(entry -> seen.add(Chunks.CODEC.decode(entry.value)));
            }
            assertThat(seen).containsExactly(ROSES, BEANS);
        }
    }

    @Test
    void shouldIterateOverSeveralSegmentsWithoutDoublingWhatWasRewritten() {
        try (OpenStore open = new OpenStore(folder)) {
            for (int round = 0; round < 5; round++) {
                for (int n = 0; n < 20; n++) {
                    open.put("k" + (char) ('a' + n), chunk("r" + round, "Round " + round + ".", n + 1, round, 1, 1));
                }
                keys(open.store.all()); // makes a segment
            }

            assertThat(keys(open.store.all()))
                    .hasSize(20)
                    .doesNotHaveDuplicates()
                    .isSorted();
            assertThat(open.get("kc").getItem()).isEqualTo("r4");
        }
    }

    @Test
    void shouldSearchFewSegmentsOnceNoMoreChunksCome() throws Exception {
        try (OpenStore open = new OpenStore(folder)) {
            for (int n = 0; n < 4; n++) {
                open.put("k" + n, chunk("i", "Frost " + n, 1, n, 0));
                open.store.all().close(); // makes what was put visible, and a segment of it
            }
            open.commit();
            assertThat(segments(open.store)).isEqualTo(4);

            Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> segments(open.store) <= 2);

            assertThat(open.search(SearchMode.LEXICAL, "frost", ChunkFilter.NONE, 1, 0, 0)
                            .candidates())
                    .hasSize(4);
        }
    }

    private static int segments(LuceneVectorStore store) throws IOException {
        LuceneIndex index = Objects.requireNonNull(store.index());
        IndexSearcher view = index.acquire();
        try {
            return view.getIndexReader().leaves().size();
        } finally {
            index.release(view);
        }
    }

    @Test
    void shouldCountEntries() {
        try (OpenStore open = new OpenStore(folder)) {
            open.put("a", ROSES).put("b", BEANS);
            keys(open.store.all());
            assertThat(open.store.approximateNumEntries()).isEqualTo(2);
            open.delete("a");
            keys(open.store.all());
            assertThat(open.store.approximateNumEntries()).isEqualTo(1);
        }
    }

    @Test
    void shouldSkipAndCountWhatIsNoChunkWhenRestoring() {
        try (OpenStore open = new OpenStore(folder)) {
            Chunk notUnit = Chunk.newBuilder(ROSES)
                    .setEmbedding(Vectors.encode(new float[] {3, 4}))
                    .build();
            Chunk noEmbedding = Chunk.newBuilder(ROSES)
                    .setEmbedding(Vectors.encode(new float[0]))
                    .build();
            open.context.restore(List.of(
                    KeyValue.pair("a".getBytes(UTF_8), value(ROSES)),
                    KeyValue.pair("b".getBytes(UTF_8), "not Avro".getBytes(UTF_8)),
                    KeyValue.pair("c".getBytes(UTF_8), new byte[] {0, 0, 0, 0, 1, 99}),
                    KeyValue.pair("d".getBytes(UTF_8), value(notUnit)),
                    KeyValue.pair("e".getBytes(UTF_8), value(noEmbedding)),
                    KeyValue.pair(new byte[] {(byte) 0xff, (byte) 0xfe}, value(ROSES)),
                    KeyValue.pair("f".getBytes(UTF_8), value(BEANS))));

            assertThat(keys(open.store.all())).containsExactly("a", "f");
            assertThat(open.activity.skipped()).isEqualTo(5);
            assertThat(open.activity.restored()).isEqualTo(7);
            assertThat(open.activity.indexed()).isEqualTo(2);
        }
    }

    @Test
    void shouldApplyTheLastOfSeveralRecordsWithOneKeyWhenRestoring() {
        try (OpenStore open = new OpenStore(folder)) {
            byte[] a = "a".getBytes(UTF_8);
            byte[] b = "b".getBytes(UTF_8);
            List<KeyValue<byte[], byte[]>> records = new ArrayList<>();
            records.add(KeyValue.pair(a, value(ROSES)));
            records.add(KeyValue.pair(b, value(BEANS)));
            records.add(tombstone(b));
            records.add(KeyValue.pair(a, value(BEANS)));
            open.context.restore(records);

            assertThat(keys(open.store.all())).containsExactly("a");
            assertThat(open.get("a")).isEqualTo(BEANS);
        }
    }

    @SuppressWarnings("NullAway")
    private static KeyValue<byte[], byte[]> tombstone(byte[] key) {
        return KeyValue.pair(key, null);
    }

    @Test
    void shouldHoldVectorsOfTwoModelsSideBySide() {
        try (OpenStore open = new OpenStore(folder)) {
            Chunk other = Chunk.newBuilder(chunk("roses", "Prune roses in March.", 1, 0, 0, 0, 0, 0, 0, 1))
                    .setModel("bigger")
                    .build();
            open.put("old", ROSES).put("new", other);

            assertThat(open.get("new")).isEqualTo(other);
            assertThat(open.get("old")).isEqualTo(ROSES);
            keys(open.store.all());
            assertThat(open.search(SearchMode.DENSE, "roses", ChunkFilter.NONE, 1, 2, 3, 4)
                            .candidates())
                    .extracting(ShardHits.Candidate::id)
                    .containsExactly("old");
        }
    }

    @Test
    void shouldRefuseUseWhenClosed() {
        OpenStore open = new OpenStore(folder);
        open.close();
        open.close();

        assertThat(open.store.isOpen()).isFalse();
        assertThatThrownBy(() -> open.store.get(key("a"))).isInstanceOf(InvalidStateStoreException.class);
    }

    @Test
    void shouldOpenAgainAfterAClose() {
        OpenStore open = new OpenStore(folder);
        open.put("a", ROSES);
        open.commit();
        open.close();
        open.store.init(open.context, open.store);

        assertThat(open.get("a")).isEqualTo(ROSES);
        open.close();
    }
}
