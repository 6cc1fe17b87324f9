package io.penstock.vector;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.apache.lucene.index.CorruptIndexException;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.IndexFormatTooNewException;
import org.apache.lucene.index.IndexFormatTooOldException;
import org.apache.lucene.index.SegmentInfos;
import org.apache.lucene.store.FSDirectory;
import org.apache.lucene.util.IOUtils;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The folder of one index: decides whether what lies in it can be used, and empties it when not. */
final class IndexDirectory {
    private static final Logger LOG = LoggerFactory.getLogger(IndexDirectory.class);

    private IndexDirectory() {}

    /**
     * What the newest usable commit says; empty when there is none. Whatever cannot be used has then been removed, and
     * Streams rebuilds the index from the topic.
     */
    static Optional<CommitData> prepare(Path folder, VectorIndexSettings settings, Instant now) throws IOException {
        Files.createDirectories(folder);
        Optional<Map<String, String>> written;
        try (FSDirectory directory = FSDirectory.open(folder)) {
            if (!DirectoryReader.indexExists(directory)) {
                return Optional.empty();
            }
            written = Optional.of(SegmentInfos.readLatestCommit(directory).getUserData());
        } catch (CorruptIndexException | IndexFormatTooOldException | IndexFormatTooNewException e) {
            LOG.warn("The index in {} cannot be read ({}); it is rebuilt from its topic.", folder, e.getMessage());
            written = Optional.empty();
        }
        Optional<CommitData> data = written.flatMap(CommitData::parse);
        if (data.isEmpty()) {
            LOG.warn("The index in {} is not of format {}; it is rebuilt from its topic.", folder, CommitData.FORMAT);
        } else if (!data.get().analyzer().equals(settings.analyzer())) {
            LOG.warn(
                    "The index in {} was made with the analyser {}, and the one that is set is {}; it is rebuilt from its"
                            + " topic.",
                    folder,
                    data.get().analyzer(),
                    settings.analyzer());
            data = Optional.empty();
        } else if (isOlderThan(settings.tombstoneRetention(), data.get().at(), now)) {
            LOG.warn(
                    "The index in {} was last in touch with its topic at {}, longer ago than deletions are kept there ({});"
                            + " it is rebuilt.",
                    folder,
                    data.get().at(),
                    settings.tombstoneRetention());
            data = Optional.empty();
        }
        if (data.isEmpty()) {
            IOUtils.rm(folder);
            Files.createDirectories(folder);
        }
        return data;
    }

    private static boolean isOlderThan(Duration retention, Instant at, Instant now) {
        return at.plus(retention).isBefore(now);
    }
}
