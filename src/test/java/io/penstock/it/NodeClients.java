package io.penstock.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Programs for Node.js under {@code src/test/npm}, with what they need from npm. It is installed once for each lock file, below
 * {@code target/npm}; what a test needs and the machine has not makes that test skipped.
 */
final class NodeClients {
    private static final Path SOURCES = Path.of("src", "test", "npm");
    private static final int OLDEST_NODE = 20;
    private static final int INSTALL_SECONDS = 240;
    private static final int RUN_SECONDS = 90;
    private static final Pattern UNREACHABLE =
            Pattern.compile("ENOTFOUND|ECONNREFUSED|ECONNRESET|ETIMEDOUT|EAI_AGAIN|ENETUNREACH|E40[0-9]|E50[0-9]");

    private final Path folder;

    private record Ended(int code, String output) {}

    private NodeClients(Path folder) {
        this.folder = folder;
    }

    /** Installs what the programs need, unless that was done before. */
    static NodeClients installed() {
        assumeNode();
        Path folder = Path.of("target", "npm", fingerprint()).toAbsolutePath();
        copySources(folder);
        // Another process that runs tests may want the same.
        try (FileChannel lock =
                        FileChannel.open(folder.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                FileLock _ = lock.lock()) {
            installOnce(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new NodeClients(folder);
    }

    private static void installOnce(Path folder) {
        Path done = folder.resolve("installed");
        if (!Files.exists(done)) {
            Ended install = run(folder, INSTALL_SECONDS, Map.of(), "npm", "ci", "--ignore-scripts");
            assumeTrue(
                    install.code() == 0
                            || !UNREACHABLE.matcher(install.output()).find(),
                    "skipped: npm cannot reach its registry");
            if (install.code() != 0) {
                throw new AssertionError("npm ci failed:\n" + install.output());
            }
            PenstockProcess.write(done, "");
        }
    }

    /** Runs a program; its answer is the JSON in the last line of what it prints. */
    JsonNode answer(String program, Map<String, String> environment) {
        Ended ended = run(folder, RUN_SECONDS, environment, "node", program);
        if (ended.code() != 0) {
            throw new AssertionError(program + " ended with " + ended.code() + ":\n" + ended.output());
        }
        try {
            return Api.JSON.readTree(ended.output().lines().toList().getLast());
        } catch (JsonProcessingException e) {
            throw new AssertionError(program + " printed no answer:\n" + ended.output(), e);
        }
    }

    private static void assumeNode() {
        String version = "";
        try {
            version = run(Path.of("").toAbsolutePath(), RUN_SECONDS, Map.of(), "node", "--version")
                    .output();
            run(Path.of("").toAbsolutePath(), RUN_SECONDS, Map.of(), "npm", "--version");
        } catch (UncheckedIOException e) {
            assumeTrue(false, "skipped: clients from npm need node " + OLDEST_NODE + " or newer and npm");
        }
        Matcher matcher = Pattern.compile("v(\\d+)\\.").matcher(version);
        assumeTrue(
                matcher.find() && Integer.parseInt(matcher.group(1)) >= OLDEST_NODE,
                "skipped: clients from npm need node " + OLDEST_NODE + " or newer, this is " + version.strip());
    }

    private static String fingerprint() {
        try {
            byte[] lock = Files.readAllBytes(SOURCES.resolve("package-lock.json"));
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(lock);
            return HexFormat.of().formatHex(hash, 0, 8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void copySources(Path folder) {
        try (Stream<Path> sources = Files.list(SOURCES)) {
            Files.createDirectories(folder);
            for (Path source : sources.filter(Files::isRegularFile).toList()) {
                Files.copy(source, folder.resolve(source.getFileName()), StandardCopyOption.REPLACE_EXISTING);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Ended run(Path folder, int seconds, Map<String, String> environment, String... command) {
        Process process = null;
        try {
            Path output = Files.createTempFile("node-", ".txt");
            ProcessBuilder builder = new ProcessBuilder(List.of(command))
                    .directory(folder.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(output.toFile());
            builder.environment().putAll(environment);
            process = builder.start();
            process.getOutputStream().close();
            boolean ended = process.waitFor(seconds, TimeUnit.SECONDS);
            String text = Files.readString(output, UTF_8);
            Files.delete(output);
            if (!ended) {
                throw new AssertionError(String.join(" ", command) + " did not end in " + seconds + " s:\n" + text);
            }
            return new Ended(process.exitValue(), text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while running " + String.join(" ", command), e);
        } finally {
            if (process != null) {
                process.destroyForcibly();
            }
        }
    }
}
