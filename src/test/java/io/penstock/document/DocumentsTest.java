package io.penstock.document;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.penstock.error.PenstockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import java.util.concurrent.FutureTask;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class DocumentsTest {
    private static final Documents DOCUMENTS = new Documents(DocumentSettings.DEFAULT);

    @AfterAll
    static void endProcesses() {
        DOCUMENTS.close();
    }

    @Test
    void shouldReadThePagesOfAPdf() throws InterruptedException {
        byte[] pdf = WrittenDocuments.pdf(
                "Harbour notice",
                "Ada Brown",
                List.of("The north quay is closed to vessels", "of more than 40 metres."),
                List.of("Pilotage is compulsory at night."));

        DocumentText read = DOCUMENTS.read(pdf, WrittenDocuments.PDF, "");

        assertThat(read.title()).isEqualTo("Harbour notice");
        assertThat(read.text())
                .contains("The north quay is closed to vessels of more than 40 metres.\n")
                .contains("\nPilotage is compulsory at night.");
        assertThat(read.attributes())
                .containsEntry("authors", "Ada Brown")
                .containsEntry("created_at", "2024-02-29T08:30:00Z")
                .containsEntry("pages", "2")
                .doesNotContainKey("detected_type");
    }

    @Test
    void shouldKeepTheHeadingsOfADocx() throws InterruptedException {
        byte[] docx = WrittenDocuments.docx(
                "Untitled", "Ben Cole", "# The tower", "It is 30 metres high.", "## The lamp", "It burns oil.");

        DocumentText read = DOCUMENTS.read(docx, "application/octet-stream", "tower.docx");

        assertThat(read.text().strip())
                .isEqualTo("# The tower\n\nIt is 30 metres high.\n\n## The lamp\n\nIt burns oil.");
        assertThat(read.title()).isEqualTo("The tower");
        assertThat(read.attributes())
                .containsEntry("authors", "Ben Cole")
                .containsEntry("detected_type", WrittenDocuments.DOCX);
    }

    @Test
    void shouldReadSheetsAndSlides() throws InterruptedException {
        byte[] xlsx = WrittenDocuments.xlsx("Tides", List.of(List.of("Day", "High water"), List.of("Monday", "04:12")));
        byte[] pptx = WrittenDocuments.pptx("The keeper lights the lamp.", "The fog bell rings.");

        assertThat(DOCUMENTS.read(xlsx, "application/zip", "").text())
                .contains("# Tides")
                .contains("Day High water\nMonday 04:12");
        assertThat(DOCUMENTS.read(pptx, "application/vnd.ms-powerpoint", "").text())
                .containsSubsequence("The keeper lights the lamp.", "The fog bell rings.");
    }

    @Test
    void shouldReadAnEmailWithItsAttachments() throws InterruptedException {
        byte[] pdf = WrittenDocuments.pdf("Attached", "Ada Brown", List.of("The crane is repaired in May."));
        byte[] mail = WrittenDocuments.email(
                "Closed quay",
                "The north quay is closed until the crähe is repaired.",
                List.of(new String[] {"note.pdf", "application/pdf", base64(pdf)}, new String[] {
                    "picture.png", "image/png", base64(new byte[] {(byte) 0x89, 'P', 'N', 'G'})
                }));

        DocumentText read = DOCUMENTS.read(mail, "message/rfc822", "");

        assertThat(read.title()).isEqualTo("Closed quay");
        assertThat(read.text())
                .startsWith("From: Ada Brown <ada@example.org>\nTo: Ben Cole <ben@example.org>\n")
                .contains("Date: 2024-03-01T10:00:00Z")
                .contains("The north quay is closed until the crähe is repaired.")
                .contains("The crane is repaired in May.");
        assertThat(read.attributes()).containsEntry("created_at", "2024-03-01T10:00:00Z");
    }

    @Test
    void shouldReadOnlySoManyPartsAndOnlySoDeep() throws InterruptedException {
        List<String[]> many = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            many.add(new String[] {"n" + i + ".txt", "text/plain", base64(("part number " + i + ".").getBytes(UTF_8))});
        }
        byte[] deep = WrittenDocuments.email("innermost", "the innermost words", List.of());
        for (int i = 0; i < 6; i++) {
            deep = WrittenDocuments.email("level", "words of level " + i, List.of(new String[][] {
                {"m.eml", "message/rfc822", base64(deep)}
            }));
        }

        DocumentText wide = DOCUMENTS.read(WrittenDocuments.email("wide", "the body", many), "message/rfc822", "");
        DocumentText narrow = DOCUMENTS.read(deep, "message/rfc822", "");

        assertThat(wide.text()).contains("part number 3.").doesNotContain("part number 59.");
        assertThat(wide.attributes()).containsKey("attachments_left_out");
        assertThat(narrow.text()).contains("words of level 5").doesNotContain("the innermost words");
        assertThat(narrow.attributes()).containsKey("attachments_left_out");
    }

    @Test
    void shouldSayThatADocumentNeedsAPassword() {
        assertThatThrownBy(() -> DOCUMENTS.read(
                        WrittenDocuments.encryptedPdf("open sesame", List.of("Hidden")), WrittenDocuments.PDF, ""))
                .hasMessageContaining("password")
                .extracting(DocumentsTest::code)
                .isEqualTo("content.encrypted");
    }

    @Test
    void shouldSayThatADocumentIsDamaged() {
        byte[] docx = WrittenDocuments.docx("T", "A", "Some words that are long enough to be worth it.");
        byte[] half = Arrays.copyOf(docx, docx.length / 2);

        assertThat(failure(half, WrittenDocuments.DOCX)).isEqualTo("content.broken");
        assertThat(failure("%PDF-1.7\nnothing that follows is a PDF".getBytes(UTF_8), WrittenDocuments.PDF))
                .isEqualTo("content.broken");
        assertThat(failure(new byte[] {1, 2, 3, 0, 4}, WrittenDocuments.PDF)).isEqualTo("content.broken");
        assertThat(failure(new byte[] {'P', 'K', 3, 4, 0, 0, 0, 0}, "application/zip"))
                .isEqualTo("content.unsupported");
    }

    @Test
    void shouldFindNothingInEmptyDocuments() throws InterruptedException {
        assertThat(DOCUMENTS.read(new byte[0], WrittenDocuments.PDF, "").text()).isEmpty();
        assertThat(DOCUMENTS
                        .read(WrittenDocuments.pdf("Empty", "Nobody", List.of()), WrittenDocuments.PDF, "")
                        .text()
                        .strip())
                .isEmpty();
    }

    @Test
    void shouldRefuseArchivesThatUnfoldToFarMoreThanTheyAre() {
        byte[] bomb = WrittenDocuments.docxBomb(300);

        assertThat(bomb.length).isLessThan(1024 * 1024);
        assertThat(failure(bomb, WrittenDocuments.DOCX)).isEqualTo("content.bomb");
    }

    @Test
    void shouldNotFollowEntitiesOfXml(@TempDir Path folder) throws Exception {
        Path secret = Files.writeString(folder.resolve("secret.txt"), "the secret words");
        byte[] file = WrittenDocuments.docxWithEntity("<!ENTITY e SYSTEM \"" + secret.toUri() + "\">");
        StringBuilder laughs = new StringBuilder("<!ENTITY l0 \"ha\">");
        for (int i = 1; i < 30; i++) {
            laughs.append("<!ENTITY l%d \"&l%d;&l%d;&l%d;&l%d;\">".formatted(i, i - 1, i - 1, i - 1, i - 1));
        }
        byte[] expanding = WrittenDocuments.docxWithEntity(laughs + "<!ENTITY e \"&l29;\">");

        assertThat(outcome(file, WrittenDocuments.DOCX)).doesNotContain("secret words");
        assertThat(outcome(expanding, WrittenDocuments.DOCX)).doesNotContain("hahaha");
    }

    @Test
    void shouldRefuseTextThatIsTooLong() {
        try (Documents strict = new Documents(DocumentSettings.DEFAULT.withMaxCharacters(1_000))) {
            byte[] docx = WrittenDocuments.docx("T", "A", "words and more words ".repeat(100));

            assertThatThrownBy(() -> strict.read(docx, WrittenDocuments.DOCX, ""))
                    .hasMessageContaining("more than 1000 characters")
                    .extracting(DocumentsTest::code)
                    .isEqualTo("record.too-large");
        }
    }

    @Test
    void shouldSurviveADocumentThatNeedsTooMuchMemory() throws InterruptedException {
        DocumentSettings settings = DocumentSettings.DEFAULT.withHeapMiB(48).withMaxCharacters(100_000_000);
        try (Documents small = new Documents(settings)) {
            byte[] noise = new byte[15_000_000];
            new Random(1).nextBytes(noise);
            byte[] large = WrittenDocuments.docxWithText(Base64.getEncoder().encodeToString(noise));

            assertThatThrownBy(() -> small.read(large, WrittenDocuments.DOCX, ""))
                    .hasMessageContaining("48 MiB")
                    .extracting(DocumentsTest::code)
                    .isEqualTo("content.bomb");
            assertThat(small.read(WrittenDocuments.docxWithText("It goes on."), "", "a.docx")
                            .text())
                    .contains("It goes on.");
        }
    }

    @Test
    void shouldKillAProcessThatTakesTooLongAndGoOnWithAnother() throws InterruptedException {
        try (Documents hasty = new Documents(DocumentSettings.DEFAULT.withReadTimeout(Duration.ofMillis(1)))) {
            byte[] pdf = WrittenDocuments.pdf("T", "A", List.of("words"));

            assertThatThrownBy(() -> hasty.read(pdf, WrittenDocuments.PDF, ""))
                    .extracting(DocumentsTest::code)
                    .isEqualTo("content.timeout");
            assertThat(hasty.waiting()).isZero();
        }
        assertThat(ProcessHandle.current()
                        .children()
                        .filter(DocumentsTest::reads)
                        .filter(ProcessHandle::isAlive))
                .hasSizeLessThanOrEqualTo(1);
    }

    @Test
    void shouldKeepAProcessForTheNextDocumentAndEndItWhenNoneComes() throws InterruptedException {
        try (Documents brief = new Documents(DocumentSettings.DEFAULT.withIdle(Duration.ofMillis(300)))) {
            byte[] pdf = WrittenDocuments.pdf("T", "A", List.of("words"));
            brief.read(pdf, WrittenDocuments.PDF, "");
            assertThat(brief.waiting()).isEqualTo(1);

            Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> brief.waiting() == 0);

            assertThat(brief.read(pdf, WrittenDocuments.PDF, "").text()).contains("words");
        }
    }

    @Test
    void shouldNotWaitForItsTurnForEver() {
        DocumentSettings busy = DocumentSettings.DEFAULT.withProcesses(0).withTurnTimeout(Duration.ofMillis(1));
        try (Documents occupied = new Documents(busy)) {
            assertThatThrownBy(() -> occupied.read(new byte[] {1}, WrittenDocuments.PDF, ""))
                    .extracting(DocumentsTest::code)
                    .isEqualTo("busy");
        }
    }

    @Test
    void shouldStopReadingWhenInterrupted() throws Exception {
        try (Documents documents = new Documents(DocumentSettings.DEFAULT)) {
            byte[] pdf = WrittenDocuments.pdf("T", "A", List.of("words"));
            FutureTask<DocumentText> reading = new FutureTask<>(() -> documents.read(pdf, WrittenDocuments.PDF, ""));
            Thread thread = Thread.ofPlatform().start(reading);
            thread.interrupt();

            thread.join();

            assertThatThrownBy(reading::get).hasCauseInstanceOf(InterruptedException.class);
            assertThat(documents.read(pdf, WrittenDocuments.PDF, "").text()).contains("words");
        }
    }

    private static boolean reads(ProcessHandle process) {
        return process.info().commandLine().orElse("").contains(ReaderProcess.class.getName());
    }

    private static String failure(byte[] content, String type) {
        try {
            return "read: " + DOCUMENTS.read(content, type, "").text();
        } catch (PenstockException e) {
            return e.code().code();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** What came of it, whatever that is. */
    private static String outcome(byte[] content, String type) {
        String failure = failure(content, type);
        assertThat(failure).matches("(?s)content\\.(broken|bomb)|read: .*");
        return failure;
    }

    private static String code(Throwable failure) {
        return ((PenstockException) failure).code().code();
    }

    private static String base64(byte[] bytes) {
        return Base64.getMimeEncoder().encodeToString(bytes);
    }
}
