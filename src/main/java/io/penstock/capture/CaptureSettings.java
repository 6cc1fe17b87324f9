package io.penstock.capture;

import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What capture may reach, and how much of it.
 *
 * @param configFolder folder from which relative file paths are taken; always allowed
 * @param folders further folders, or single files, that may be read
 * @param hosts hosts ({@code name} or {@code name:port}, lower case) that may be reached although their addresses are not public
 * @param maxContentBytes most content of one capture, decompressed
 * @param maxRecordBytes largest record that is sent, in its encoded form
 * @param connectTimeout longest time to make a connection
 * @param requestTimeout longest time of one capture over HTTP, redirects and content included
 * @param maxRedirects most redirects that are followed
 * @param task how much one entry may be
 * @param secrets names of environment variables that sources may use, besides those that begin with {@value #SECRET_PREFIX}
 * @param perHost requests at once to one server, whichever processors send them
 */
public record CaptureSettings(
        Path configFolder,
        List<Path> folders,
        Set<String> hosts,
        int maxContentBytes,
        int maxRecordBytes,
        Duration connectTimeout,
        Duration requestTimeout,
        int maxRedirects,
        TaskLimits task,
        Set<String> secrets,
        int perHost) {

    /** What the names of environment variables begin with that any source may use as secrets. */
    public static final String SECRET_PREFIX = "PENSTOCK_SECRET_";

    private static final int MEBIBYTE = 1024 * 1024;
    private static final int DEFAULT_PER_HOST = 64;
    private static final int MOST_PER_HOST = 1000;

    public CaptureSettings {
        configFolder = configFolder.toAbsolutePath().normalize();
        folders = folders.stream()
                .map(folder -> folder.toAbsolutePath().normalize())
                .toList();
        secrets = Set.copyOf(secrets);
        hosts = hosts.stream().map(host -> host.toLowerCase(Locale.ROOT)).collect(Collectors.toUnmodifiableSet());
    }

    /** Only the config folder and the public internet: 7 MiB of content, records below 8 MiB, 10 s to connect, 60 s in all. */
    public static CaptureSettings of(Path configFolder) {
        return new CaptureSettings(
                configFolder,
                List.of(),
                Set.of(),
                7 * MEBIBYTE,
                8 * MEBIBYTE - 64 * 1024, // room for key, headers and the batch around the value
                Duration.ofSeconds(10),
                Duration.ofSeconds(
                        60), // a server that thinks for half a minute before it answers is slow, but not broken
                5,
                TaskLimits.DEFAULT,
                Set.of(),
                DEFAULT_PER_HOST);
    }

    /**
     * As the environment says it.
     *
     * @param folderList {@code PENSTOCK_CAPTURE_FOLDERS}: separated by commas, relative to the working folder
     * @param hostList {@code PENSTOCK_CAPTURE_HOSTS}: separated by commas
     * @param secretList {@code PENSTOCK_CAPTURE_SECRETS}: separated by commas
     * @param perHost {@code PENSTOCK_CAPTURE_PER_HOST}: a number, or nothing for the default
     * @throws PenstockException {@code config.invalid} when that is no number from 1 to 1,000
     */
    public static CaptureSettings of(
            Path configFolder, String folderList, String hostList, String secretList, String perHost) {
        return of(configFolder)
                .withFolders(split(folderList).map(Path::of).toList())
                .withHosts(split(hostList).collect(Collectors.toSet()))
                .withSecrets(split(secretList).collect(Collectors.toSet()))
                .withPerHost(perHost.isBlank() ? DEFAULT_PER_HOST : number(perHost.strip()));
    }

    private static int number(String perHost) {
        if (!perHost.matches("[1-9][0-9]{0,3}") || Integer.parseInt(perHost) > MOST_PER_HOST) {
            throw new PenstockException(
                    ErrorCode.CONFIG_INVALID,
                    "PENSTOCK_CAPTURE_PER_HOST is a number from 1 to " + MOST_PER_HOST + ", not '" + perHost + "'.");
        }
        return Integer.parseInt(perHost);
    }

    public CaptureSettings withPerHost(int value) {
        return new CaptureSettings(
                configFolder,
                folders,
                hosts,
                maxContentBytes,
                maxRecordBytes,
                connectTimeout,
                requestTimeout,
                maxRedirects,
                task,
                secrets,
                value);
    }

    /** Whether the host is allowed by name. */
    boolean allows(URI uri) {
        String host = String.valueOf(uri.getHost()).toLowerCase(Locale.ROOT);
        return hosts.contains(host) || hosts.contains(host + ":" + uri.getPort());
    }

    public CaptureSettings withFolders(List<Path> value) {
        return new CaptureSettings(
                configFolder,
                value,
                hosts,
                maxContentBytes,
                maxRecordBytes,
                connectTimeout,
                requestTimeout,
                maxRedirects,
                task,
                secrets,
                perHost);
    }

    public CaptureSettings withHosts(Set<String> value) {
        return new CaptureSettings(
                configFolder,
                folders,
                value,
                maxContentBytes,
                maxRecordBytes,
                connectTimeout,
                requestTimeout,
                maxRedirects,
                task,
                secrets,
                perHost);
    }

    public CaptureSettings withSecrets(Set<String> value) {
        return new CaptureSettings(
                configFolder,
                folders,
                hosts,
                maxContentBytes,
                maxRecordBytes,
                connectTimeout,
                requestTimeout,
                maxRedirects,
                task,
                value,
                perHost);
    }

    public CaptureSettings withLimits(int newMaxContentBytes, int newMaxRecordBytes) {
        return new CaptureSettings(
                configFolder,
                folders,
                hosts,
                newMaxContentBytes,
                newMaxRecordBytes,
                connectTimeout,
                requestTimeout,
                maxRedirects,
                task,
                secrets,
                perHost);
    }

    public CaptureSettings withTask(TaskLimits value) {
        return new CaptureSettings(
                configFolder,
                folders,
                hosts,
                maxContentBytes,
                maxRecordBytes,
                connectTimeout,
                requestTimeout,
                maxRedirects,
                value,
                secrets,
                perHost);
    }

    public CaptureSettings withTimeouts(Duration connect, Duration request) {
        return new CaptureSettings(
                configFolder,
                folders,
                hosts,
                maxContentBytes,
                maxRecordBytes,
                connect,
                request,
                maxRedirects,
                task,
                secrets,
                perHost);
    }

    private static Stream<String> split(String list) {
        return Arrays.stream(list.split(",")).map(String::trim).filter(part -> !part.isEmpty());
    }
}
