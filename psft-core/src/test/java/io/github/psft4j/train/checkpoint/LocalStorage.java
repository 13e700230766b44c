package io.github.psft4j.train.checkpoint;

import io.github.psft4j.io.Directories;
import io.github.psft4j.io.FileCall;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** A directory of this machine in place of another file system, which can be told to fail. */
public final class LocalStorage implements DirectoryStorage {

    private final Path root;
    private boolean failing;

    public LocalStorage(Path root) {
        this.root = root;
    }

    /** Has every call fail from now on, or none. */
    public void failing(boolean all) {
        failing = all;
    }

    private <T> T answer(FileCall.Reading<T> call) {
        return FileCall.get("the test storage does not answer", () -> {
            if (failing) {
                throw new IOException("it is away");
            }
            return call.read();
        });
    }

    @Override
    public String name() {
        return "storage:" + root;
    }

    @Override
    public List<String> list() {
        return answer(() -> {
            Files.createDirectories(root);
            try (Stream<Path> all = Files.list(root)) {
                return all.map(path -> path.getFileName().toString()).sorted().toList();
            }
        });
    }

    @Override
    public void put(Path directory) {
        answer(() -> {
            Directories.delete(root.resolve(directory.getFileName()));
            copy(directory, root.resolve(directory.getFileName()));
            return null;
        });
    }

    @Override
    public void get(String directory, Path into) {
        answer(() -> {
            copy(root.resolve(directory), into);
            return null;
        });
    }

    private static void copy(Path from, Path to) throws IOException {
        Files.createDirectories(to);
        try (Stream<Path> all = Files.list(from)) {
            for (Path file : all.toList()) {
                Files.copy(file, to.resolve(file.getFileName()));
            }
        }
    }

    @Override
    public byte[] read(String directory, String file) {
        Path path = root.resolve(directory).resolve(file);
        return answer(() -> Files.exists(path) ? Files.readAllBytes(path) : null);
    }

    @Override
    public void rename(String directory, String to) {
        answer(() -> Files.move(root.resolve(directory), root.resolve(to)));
    }

    @Override
    public void remove(String directory) {
        answer(() -> {
            Directories.delete(root.resolve(directory));
            return null;
        });
    }
}
