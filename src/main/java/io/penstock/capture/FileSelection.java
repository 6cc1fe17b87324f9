package io.penstock.capture;

import io.penstock.error.ErrorCode;
import io.penstock.stage.CallException;
import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.FileVisitor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.regex.PatternSyntaxException;

/**
 * Finds the files below a folder that fit a pattern: {@code *} and {@code ?} stand for parts of a name, {@code **} for folders as
 * well, {@code [ab]} for one of the characters. Links are not followed, and what begins with a dot is left out.
 */
final class FileSelection {
    private static final String WILD = "*?[";
    private static final String SPECIAL = "*?[]{}\\";
    private static final int DEEPEST = 32;
    private static final int MOST_LOOKED_AT = 200_000;

    private final String pattern;
    private final PathMatcher matcher;
    private final int maxFiles;

    private FileSelection(String pattern, PathMatcher matcher, int maxFiles) {
        this.pattern = pattern;
        this.matcher = matcher;
        this.maxFiles = maxFiles;
    }

    /** Whether the template of a path is one of many files: it ends with a slash, or holds a wildcard. */
    static boolean isOfMany(String template) {
        return template.endsWith("/") || template.chars().anyMatch(c -> WILD.indexOf(c) >= 0);
    }

    /** The part of the template before the first wildcard: a folder. */
    static String folder(String template) {
        return template.substring(0, wildAt(template));
    }

    /** The part of the template after the folder; all files of it when there is none. */
    static String pattern(String template) {
        String rest = template.substring(wildAt(template));
        return rest.isEmpty() ? "**" : rest;
    }

    private static int wildAt(String template) {
        for (int i = 0; i < template.length(); i++) {
            if (WILD.indexOf(template.charAt(i)) >= 0) {
                return template.lastIndexOf('/', i) + 1;
            }
        }
        return template.length();
    }

    /** A value as the part of a pattern that stands for itself. */
    static String escaped(String value) {
        StringBuilder escaped = new StringBuilder(value.length() + 8);
        for (int i = 0; i < value.length(); i++) {
            if (SPECIAL.indexOf(value.charAt(i)) >= 0) {
                escaped.append('\\');
            }
            escaped.append(value.charAt(i));
        }
        return escaped.toString();
    }

    static FileSelection of(String pattern, int maxFiles) throws CallException {
        try {
            return new FileSelection(pattern, FileSystems.getDefault().getPathMatcher("glob:" + pattern), maxFiles);
        } catch (PatternSyntaxException e) {
            throw CallException.permanent(
                    ErrorCode.CAPTURE_NOT_FOUND.code(),
                    "'" + pattern + "' is no pattern of file names: " + e.getDescription() + ".");
        }
    }

    /** @return paths from the folder, in the order of their names */
    List<Path> in(Path folder) throws CallException {
        List<Path> found = new ArrayList<>();
        int[] looked = {0};
        FileVisitor<Path> visitor = new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes) {
                return directory.equals(folder) || !isHidden(directory)
                        ? FileVisitResult.CONTINUE
                        : FileVisitResult.SKIP_SUBTREE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                Path relative = folder.relativize(file);
                if (attributes.isRegularFile() && !isHidden(file) && matcher.matches(relative)) {
                    found.add(relative);
                }
                looked[0]++;
                return found.size() > maxFiles || looked[0] > MOST_LOOKED_AT
                        ? FileVisitResult.TERMINATE
                        : FileVisitResult.CONTINUE;
            }
        };
        try {
            Files.walkFileTree(folder, EnumSet.noneOf(FileVisitOption.class), DEEPEST, visitor);
        } catch (IOException e) {
            throw FileSource.unreadable(folder, e);
        }
        if (found.size() > maxFiles || looked[0] > MOST_LOOKED_AT) {
            throw CallException.permanent(
                    ErrorCode.CAPTURE_TOO_MANY_RECORDS.code(),
                    folder + " holds more than " + maxFiles + " files that fit '" + pattern + "', or more than "
                            + MOST_LOOKED_AT + " in all. Name a smaller folder or a narrower pattern.");
        }
        if (found.isEmpty()) {
            throw CallException.permanent(
                    ErrorCode.CAPTURE_NOT_FOUND.code(), "No file in " + folder + " fits '" + pattern + "'.");
        }
        found.sort(Comparator.comparing(Path::toString));
        return found;
    }

    private static boolean isHidden(Path path) {
        return String.valueOf(path.getFileName()).startsWith(".");
    }
}
