package io.penstock.vector;

import static io.penstock.vector.Chunks.chunk;
import static io.penstock.vector.OpenStore.PARTITION;
import static io.penstock.vector.OpenStore.keys;
import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.kafka.Topics;
import io.penstock.schema.Chunk;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.kafka.common.TopicPartition;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.index.SegmentInfos;
import org.apache.lucene.store.FSDirectory;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VectorRestartTest {
    private static final Chunk ROSES = chunk("roses", "Prune roses in March.", 1, 2, 3, 4);

    @TempDir
    private Path folder;

    @TempDir
    private Path other;

    @Test
    void shouldKnowItsOffsetsAndDocumentsAfterACleanStop() {
        try (OpenStore open = new OpenStore(folder)) {
            assertThat(open.store.committedOffset(PARTITION)).isNull();
            open.put("a", ROSES).put("b", ROSES);
            open.commit();
        }
        try (OpenStore open = new OpenStore(folder)) {
            assertThat(open.store.committedOffset(PARTITION)).isEqualTo(1);
            assertThat(open.store.committedOffset(new TopicPartition(Topics.CHUNK, 1)))
                    .isNull();
            assertThat(open.store.getPosition().getPartitionPositions(Topics.CHUNK))
                    .containsOnly(Map.entry(0, 1L));
            assertThat(keys(open.store.all())).containsExactly("a", "b");
            assertThat(open.get("b")).isEqualTo(ROSES);
            assertThat(open.activity.restored()).isZero();
        }
    }

    @Test
    void shouldCommitAtCloseWhatTheIntervalHeldBack() {
        try (OpenStore open = new OpenStore(folder, OpenStore.LAZY, () -> OpenStore.NOW)) {
            open.put("a", ROSES);
            open.commit();
            Awaitility.await().until(() -> offsetOnDisk(folder) == 0L);
            open.put("b", ROSES);
            open.commit();
            assertThat(offsetOnDisk(folder)).isZero();
        }
        assertThat(offsetOnDisk(folder)).isEqualTo(1);
        try (OpenStore open = new OpenStore(folder)) {
            assertThat(keys(open.store.all())).containsExactly("a", "b");
        }
    }

    @Test
    void shouldNeverRecordOffsetsBeyondWhatStreamsCommitted() {
        try (OpenStore open = new OpenStore(folder)) {
            open.put("a", ROSES);
            open.commit();
            open.put("b", ROSES).put("c", ROSES);
        }
        try (OpenStore open = new OpenStore(folder)) {
            // The index holds more than its offset says, and replaying that changes nothing.
            assertThat(open.store.committedOffset(PARTITION)).isZero();
            assertThat(keys(open.store.all())).containsExactly("a", "b", "c");
        }
    }

    @Test
    void shouldForgetWhatHasNoOffsetsWhenClosed() {
        try (OpenStore open = new OpenStore(folder)) {
            open.put("a", ROSES);
        }
        try (OpenStore open = new OpenStore(folder)) {
            assertThat(open.store.committedOffset(PARTITION)).isNull();
            assertThat(keys(open.store.all())).isEmpty();
        }
    }

    @Test
    void shouldHoldExactlyWhatItsOffsetSaysAfterAKill() throws IOException {
        try (OpenStore open = new OpenStore(folder, OpenStore.LAZY, () -> OpenStore.NOW)) {
            open.put("a", ROSES).put("b", ROSES);
            open.commit();
            Awaitility.await().until(() -> offsetOnDisk(folder) == 1L);
            open.put("c", ROSES);
            open.delete("a");
            keys(open.store.all()); // writes a segment that no commit refers to
            copy(folder, other); // what a killed process leaves behind
        }
        try (OpenStore open = new OpenStore(other)) {
            assertThat(open.store.committedOffset(PARTITION)).isEqualTo(1);
            assertThat(keys(open.store.all())).containsExactly("a", "b");
            assertThat(open.store.getPosition().getPartitionPositions(Topics.CHUNK))
                    .containsOnly(Map.entry(0, 1L));
        }
    }

    @Test
    void shouldClaimNothingAnyMoreWhenStreamsFindsItCorrupt() {
        try (OpenStore open = new OpenStore(folder)) {
            open.put("a", ROSES);
            open.commit();
            open.store.commit(Map.of());

            assertThat(open.store.committedOffset(PARTITION)).isNull();
        }
        try (OpenStore open = new OpenStore(folder)) {
            assertThat(open.store.committedOffset(PARTITION)).isNull();
        }
    }

    @Test
    void shouldStartAnewWhenTheFormatIsUnknown() throws IOException {
        try (OpenStore open = new OpenStore(folder)) {
            open.put("a", ROSES);
            open.commit();
        }
        rewrite(folder, "penstock.format", "0");
        try (OpenStore open = new OpenStore(folder)) {
            assertThat(open.store.committedOffset(PARTITION)).isNull();
            assertThat(open.store.getPosition().isEmpty()).isTrue();
            assertThat(keys(open.store.all())).isEmpty();
            open.put("b", ROSES);
            open.commit();
        }
        try (OpenStore open = new OpenStore(folder)) {
            assertThat(keys(open.store.all())).containsExactly("b");
        }
    }

    @Test
    void shouldStartAnewWhenTheFilesAreDamaged() throws IOException {
        try (OpenStore open = new OpenStore(folder)) {
            open.put("a", ROSES);
            open.commit();
        }
        try (Stream<Path> files = Files.list(folder.resolve("vector-index"))) {
            for (Path file : files.filter(path -> path.getFileName().toString().startsWith("segments_"))
                    .toList()) {
                Files.write(file, new byte[] {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20});
            }
        }
        try (OpenStore open = new OpenStore(folder)) {
            assertThat(open.store.committedOffset(PARTITION)).isNull();
            assertThat(keys(open.store.all())).isEmpty();
        }
    }

    @Test
    void shouldStartAnewWhenItMissedMoreThanTombstonesAreKept() {
        VectorIndexSettings settings = VectorIndexSettings.forModel(Chunks.MODEL);
        try (OpenStore open = new OpenStore(folder)) {
            open.put("a", ROSES);
            open.commit();
        }
        Duration almost = Duration.ofDays(7);
        try (OpenStore open = new OpenStore(folder, settings, () -> OpenStore.NOW.plus(almost))) {
            assertThat(keys(open.store.all())).containsExactly("a"); // and its age starts anew at close
        }
        try (OpenStore open =
                new OpenStore(folder, settings, () -> OpenStore.NOW.plus(almost).plus(almost))) {
            assertThat(keys(open.store.all())).containsExactly("a");
        }
        try (OpenStore open = new OpenStore(
                folder,
                settings,
                () -> OpenStore.NOW.plus(almost).plus(almost).plus(almost).plusMillis(1))) {
            assertThat(open.store.committedOffset(PARTITION)).isNull();
            assertThat(keys(open.store.all())).isEmpty();
        }
    }

    @Test
    void shouldKeepTheIndexWhenTheModelChangesButSayWhichOneWasActive() throws IOException {
        try (OpenStore open = new OpenStore(folder)) {
            open.put("a", ROSES);
            open.commit();
        }
        assertThat(dataOnDisk(folder)).containsEntry("penstock.model", Chunks.MODEL);
        try (OpenStore open = new OpenStore(folder, VectorIndexSettings.forModel("bigger"), () -> OpenStore.NOW)) {
            assertThat(open.get("a")).isEqualTo(ROSES);
            open.put("b", ROSES);
            open.commit();
        }
        assertThat(dataOnDisk(folder)).containsEntry("penstock.model", "bigger");
    }

    @Test
    void shouldStartAnewWhenTheTermsWereMadeByAnotherAnalyser() {
        try (OpenStore open = new OpenStore(folder)) {
            open.put("a", ROSES);
            open.commit();
        }
        VectorIndexSettings german = VectorIndexSettings.forModel(Chunks.MODEL).withAnalyzer("german");
        try (OpenStore open = new OpenStore(folder, german, () -> OpenStore.NOW)) {
            assertThat(open.store.committedOffset(PARTITION)).isNull();
            assertThat(keys(open.store.all())).isEmpty();
            open.put("b", chunk("häuser", "Die Häuser am Hafen.", 1, 0));
            open.commit();
            open.store.all().close();

            assertThat(open.search(SearchMode.LEXICAL, "haus", ChunkFilter.NONE, 1, 0)
                            .candidates())
                    .hasSize(1);
        }
        try (OpenStore open = new OpenStore(folder, german, () -> OpenStore.NOW)) {
            assertThat(keys(open.store.all())).containsExactly("b");
        }
    }

    @Test
    void shouldReadBackWhatACommitSays() {
        CommitData data = new CommitData(
                "m", "english", OpenStore.NOW, 17, Map.of(new TopicPartition("with-dash", 3), 12L, PARTITION, 17L));

        assertThat(CommitData.parse(data.toMap())).contains(data);
        assertThat(CommitData.parse(Map.of())).isEmpty();
        for (String broken : List.of("penstock.at", "penstock.position")) {
            Map<String, String> map = new HashMap<>(data.toMap());
            map.put(broken, "x");
            assertThat(CommitData.parse(map)).as(broken).isEmpty();
        }
    }

    private static long offsetOnDisk(Path folder) {
        try {
            return Long.parseLong(dataOnDisk(folder).getOrDefault("penstock.offset." + PARTITION, "-1"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Map<String, String> dataOnDisk(Path folder) throws IOException {
        try (FSDirectory directory = FSDirectory.open(folder.resolve("vector-index"))) {
            return SegmentInfos.getLastCommitSegmentsFileName(directory) == null
                    ? Map.of()
                    : SegmentInfos.readLatestCommit(directory).getUserData();
        }
    }

    private static void rewrite(Path folder, String name, String value) throws IOException {
        Map<String, String> data = new HashMap<>(dataOnDisk(folder));
        data.put(name, value);
        try (FSDirectory directory = FSDirectory.open(folder.resolve("vector-index"));
                IndexWriter writer = new IndexWriter(
                        directory, new IndexWriterConfig(TextAnalysis.analyzer(TextAnalysis.ENGLISH)))) {
            writer.setLiveCommitData(data.entrySet());
            writer.commit();
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Path target = to.resolve(from.relativize(file).toString());
                Files.createDirectories(target.getParent());
                Files.copy(file, target);
            }
        }
    }
}
