package io.penstock.vector;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.errors.ProcessorStateException;
import org.apache.lucene.document.Document;
import org.apache.lucene.index.CorruptIndexException;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.index.Term;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.SearcherManager;
import org.apache.lucene.store.FSDirectory;
import org.apache.lucene.util.BytesRef;
import org.apache.lucene.util.IOUtils;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One open Lucene index with the offsets it covers.
 *
 * <p>Threading: {@link #put}, {@link #delete}, {@link #advance} and {@link #commit} are called by the one thread that owns the
 * store; everything else may be called from any thread. A thread of its own makes changes visible and durable, so that neither a
 * search nor a poll waits for the disk.
 */
final class LuceneIndex {
    private static final Logger LOG = LoggerFactory.getLogger(LuceneIndex.class);

    /** An index that is idle but in touch with its topic says so at least this often, so that it is not taken for a stale one. */
    static final Duration STAMP_INTERVAL = Duration.ofHours(12);

    private final VectorIndexSettings settings;
    private final InstantSource clock;
    private final LongSupplier completedItems;
    private final FSDirectory directory;
    private final IndexWriter writer;
    private final SearcherManager searchers;
    private final IndexMaintenance maintenance;

    /** Keys that the current view may not show as they are, with the change that touched them last. */
    private final Map<Bytes, Long> unseen = new ConcurrentHashMap<>();

    private final Object refreshing = new Object();
    private final Object committing = new Object();

    private volatile long changes;
    private volatile long position;
    private volatile IndexView visible;
    private volatile Map<TopicPartition, Long> offsets;
    private volatile CommitData durable;
    private volatile long durableChanges;
    private volatile boolean merged;
    private volatile @Nullable Exception failure;

    private LuceneIndex(
            FSDirectory directory,
            IndexWriter writer,
            CommitData data,
            VectorIndexSettings settings,
            InstantSource clock,
            LongSupplier completedItems,
            String name)
            throws IOException {
        this.settings = settings;
        this.clock = clock;
        this.completedItems = completedItems;
        this.directory = directory;
        this.writer = writer;
        this.searchers = new SearcherManager(writer, null);
        this.position = data.position();
        this.offsets = data.offsets();
        this.durable = data;
        this.visible = new IndexView(0, data.position(), 0);
        this.maintenance = new IndexMaintenance(name, this, settings.refreshInterval(), settings.commitInterval());
        ((PatientMerges) writer.getConfig().getMergeScheduler()).afterEach(() -> {
            merged = true;
            maintenance.merged();
        });
    }

    /**
     * Opens the index in a folder, or an empty one in its place if it cannot be used.
     *
     * @param completedItems how many items were reported as completed in this index
     * @param turns how many merges of all shards may be made at once
     */
    static LuceneIndex open(
            Path folder,
            String name,
            VectorIndexSettings settings,
            InstantSource clock,
            LongSupplier completedItems,
            Semaphore turns)
            throws IOException {
        Instant now = clock.instant();
        Optional<CommitData> found = IndexDirectory.prepare(folder, settings, now);
        CommitData data = found.orElseGet(() -> CommitData.empty(settings, now));
        if (!data.model().equals(settings.model())) {
            LOG.info(
                    "The index in {} was last committed with model {}; searches now look for chunks of model {}.",
                    folder,
                    data.model(),
                    settings.model());
        }
        LuceneIndex index;
        try {
            index = open(folder, data, name, settings, clock, completedItems, turns);
        } catch (CorruptIndexException e) {
            LOG.warn("The index in {} is damaged ({}); it is rebuilt from its topic.", folder, e.getMessage());
            IOUtils.rm(folder);
            index = open(folder, CommitData.empty(settings, now), name, settings, clock, completedItems, turns);
        }
        index.maintenance.start();
        return index;
    }

    private static LuceneIndex open(
            Path folder,
            CommitData data,
            String name,
            VectorIndexSettings settings,
            InstantSource clock,
            LongSupplier completedItems,
            Semaphore turns)
            throws IOException {
        FSDirectory directory = FSDirectory.open(folder);
        @Nullable IndexWriter writer = null;
        try {
            writer = new IndexWriter(directory, config(settings, turns));
            return new LuceneIndex(directory, writer, data, settings, clock, completedItems, name);
        } catch (IOException | RuntimeException e) {
            IOUtils.closeWhileHandlingException(writer, directory);
            throw e;
        }
    }

    private static IndexWriterConfig config(VectorIndexSettings settings, Semaphore turns) {
        return new IndexWriterConfig(TextAnalysis.analyzer(settings.analyzer()))
                .setOpenMode(IndexWriterConfig.OpenMode.CREATE_OR_APPEND)
                .setRAMBufferSizeMB(settings.ramBufferMiB())
                .setMergeScheduler(new PatientMerges(turns))
                .setMergePolicy(new RestingMerges())
                .setCodec(IndexCodec.create())
                .setMaxFullFlushMergeWaitMillis(0) // a refresh must not wait for a merge
                .setCommitOnClose(false); // a commit without offsets would separate them from the documents
    }

    void put(Bytes key, Document document) {
        change(key, id -> writer.updateDocument(id, document));
    }

    void delete(Bytes key) {
        change(key, writer::deleteDocuments);
    }

    private void change(Bytes key, Change change) {
        checkUsable();
        long number = changes + 1;
        unseen.put(key, number);
        try {
            change.apply(new Term(IndexFields.ID, new BytesRef(key.get())));
        } catch (IOException e) {
            throw new ProcessorStateException("The index in " + directory.getDirectory() + " cannot be written.", e);
        }
        changes = number;
        maintenance.changed();
    }

    /** The index now holds everything up to this offset of the source topic. */
    void advance(long offset) {
        if (offset > position) {
            position = offset;
            maintenance.changed();
        }
    }

    /** What these offsets cover has been applied; they become durable, with the documents, within the commit interval. */
    void commit(Map<TopicPartition, Long> newOffsets) {
        checkUsable();
        offsets = Map.copyOf(newOffsets);
        if (newOffsets.isEmpty()) {
            commitNow(); // the store is found corrupt: it must not claim anything any more
        } else if (isCommitDue()) {
            maintenance.commitWanted();
        }
    }

    Map<TopicPartition, Long> offsets() {
        return offsets;
    }

    long position() {
        return position;
    }

    IndexView visible() {
        return visible;
    }

    /** How many documents there are; those written again since the last refresh may count twice. */
    long documents() throws IOException {
        if (visible.changes() < changes) {
            return writer.getDocStats().numDocs;
        }
        IndexSearcher searcher = acquire();
        try {
            return searcher.getIndexReader().numDocs();
        } finally {
            release(searcher);
        }
    }

    /** Whether a key may differ from what the current view shows. */
    boolean isUnseen(Bytes key) {
        return unseen.containsKey(key);
    }

    /** Makes every finished change visible, and returns when it is. Costs a refresh if there are any. */
    void refreshIfChanged() {
        if (visible.changes() < changes) {
            refresh();
        }
    }

    /** Asks for a refresh and waits until the view satisfies a condition; whether it did in time. */
    boolean await(Predicate<IndexView> condition, Duration limit) throws InterruptedException {
        return condition.test(visible) || maintenance.await(() -> condition.test(visible), limit);
    }

    IndexSearcher acquire() throws IOException {
        return searchers.acquire();
    }

    void release(IndexSearcher searcher) throws IOException {
        searchers.release(searcher);
    }

    void refresh() {
        synchronized (refreshing) {
            // Taken before the refresh: what was counted by now is in the writer already.
            IndexView next = new IndexView(changes, position, completedItems.getAsLong());
            try {
                searchers.maybeRefreshBlocking();
            } catch (IOException e) {
                throw new ProcessorStateException("The index in " + directory.getDirectory() + " cannot be read.", e);
            }
            visible = next;
            unseen.values().removeIf(number -> number <= next.changes());
        }
        maintenance.refreshed();
    }

    /** Asks for the merges that wait until the index is at rest; they are made in a thread of their own. */
    void tidy() {
        try {
            writer.maybeMerge();
        } catch (IOException e) {
            throw new ProcessorStateException("The index in " + directory.getDirectory() + " cannot be merged.", e);
        }
    }

    /** Whether there is something to commit that Streams has given offsets for. */
    boolean isCommitDue() {
        return !offsets.isEmpty()
                && (!offsets.equals(durable.offsets())
                        || durableChanges < changes
                        || merged
                        || durable.at().plus(STAMP_INTERVAL).isBefore(clock.instant()));
    }

    /** Documents, offsets and position become durable in one atomic write. */
    void commitNow() {
        synchronized (committing) {
            // Taken before the commit: the index holds at least what they cover, perhaps more, and upserts are
            // idempotent.
            long covered = changes;
            merged = false; // the segments before lie on the disk until they are out of the last commit
            CommitData data = new CommitData(settings.model(), settings.analyzer(), clock.instant(), position, offsets);
            try {
                writer.setLiveCommitData(data.toMap().entrySet());
                writer.commit();
            } catch (IOException e) {
                throw new ProcessorStateException(
                        "The index in " + directory.getDirectory() + " cannot be committed.", e);
            }
            durable = data;
            durableChanges = covered;
        }
    }

    /** The maintenance thread gave up; the owner learns of it with its next change. */
    void fail(Exception cause) {
        failure = cause;
    }

    private void checkUsable() {
        Exception cause = failure;
        if (cause != null) {
            throw new ProcessorStateException("The index in " + directory.getDirectory() + " is unusable.", cause);
        }
    }

    /** Commits what is covered by offsets; whatever came after them is replayed. Merges are aborted. */
    void close() throws IOException {
        maintenance.close();
        try {
            if (failure == null && isCommitDue()) {
                commitNow();
            }
        } finally {
            IOUtils.close(searchers, writer::rollback, directory);
        }
    }

    @FunctionalInterface
    private interface Change {
        void apply(Term id) throws IOException;
    }
}
