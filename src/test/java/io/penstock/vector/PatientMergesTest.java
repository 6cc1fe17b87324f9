package io.penstock.vector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.StoredField;
import org.apache.lucene.index.FilterMergePolicy;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.index.MergeTrigger;
import org.apache.lucene.index.NoMergePolicy;
import org.apache.lucene.index.SegmentCommitInfo;
import org.apache.lucene.index.SegmentInfos;
import org.apache.lucene.store.ByteBuffersDirectory;
import org.apache.lucene.store.FilterDirectory;
import org.apache.lucene.store.IOContext;
import org.apache.lucene.store.IndexOutput;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class PatientMergesTest {
    private final Semaphore turns = new Semaphore(1, true);
    private final PatientMerges merges = new PatientMerges(turns);
    private final ChosenMerges chosen = new ChosenMerges();
    private final HugeDirectory directory = new HugeDirectory();

    @Test
    void shouldEndALargeMergeWhileASmallerOneOfTheSameShardWaitsForItsTurn() throws Exception {
        try (IndexWriter writer = writer()) {
            segments(writer, 5);
            merge(writer, 3);
            directory.merging.await(); // it has the turn
            merge(writer, 2);
            await().until(turns::hasQueuedThreads);

            directory.goOn.countDown();
            merges.sync();

            assertThat(writer.getDocStats().numDocs).isEqualTo(5);
            assertThat(turns.availablePermits()).isEqualTo(1);
            writer.commit();
            assertThat(SegmentInfos.readLatestCommit(directory).size()).isEqualTo(2);
        }
    }

    @Test
    void shouldCloseAShardWhoseMergeWaitsForTheMergeOfAnother() throws Exception {
        turns.acquire();
        IndexWriter writer = writer();
        segments(writer, 2);
        merge(writer, 2);
        await().until(turns::hasQueuedThreads);

        writer.rollback();

        assertThat(turns.availablePermits()).isZero();
    }

    private IndexWriter writer() throws IOException {
        return new IndexWriter(
                directory, new IndexWriterConfig().setMergeScheduler(merges).setMergePolicy(chosen));
    }

    private static void segments(IndexWriter writer, int count) throws IOException {
        for (int n = 0; n < count; n++) {
            Document document = new Document();
            document.add(new StoredField("text", "Prune the roses in March."));
            writer.addDocument(document);
            writer.flush();
        }
    }

    private void merge(IndexWriter writer, int segments) throws IOException {
        chosen.segments = segments;
        writer.maybeMerge();
    }

    /** Merges as many segments as it is told to, once. */
    private static final class ChosenMerges extends FilterMergePolicy {
        private int segments;

        ChosenMerges() {
            super(NoMergePolicy.INSTANCE);
        }

        @Override
        public MergeSpecification findMerges(MergeTrigger trigger, SegmentInfos infos, MergeContext context) {
            MergeSpecification found = new MergeSpecification();
            if (segments > 0) {
                List<SegmentCommitInfo> free = new ArrayList<>(infos.asList());
                free.removeAll(context.getMergingSegments());
                found.add(new OneMerge(free.subList(0, segments)));
                segments = 0;
            }
            return found;
        }
    }

    /** Tells the scheduler of sizes at which Lucene's standard would begin to pause merges. */
    private static final class HugeDirectory extends FilterDirectory {
        private static final long FACTOR = 1_000_000;

        private final CountDownLatch merging = new CountDownLatch(1);
        private final CountDownLatch goOn = new CountDownLatch(1);

        HugeDirectory() {
            super(new ByteBuffersDirectory());
        }

        @Override
        public long fileLength(String name) throws IOException {
            return FACTOR * super.fileLength(name);
        }

        @Override
        public IndexOutput createOutput(String name, IOContext context) throws IOException {
            if (context.context() == IOContext.Context.MERGE) {
                merging.countDown();
                try {
                    goOn.await();
                } catch (InterruptedException e) {
                    throw new IOException(e);
                }
            }
            return super.createOutput(name, context);
        }
    }
}
