using System.Diagnostics;
using System.Formats.Tar;
using System.Globalization;
using System.IO.Compression;
using System.Text;
using LlIcm.Imaging;
using LlIcm.Training.Data;

namespace LlIcm.Training.Bundles;

/// <summary>
/// Packs program, native source, recipe and data for a machine that has a libtorch, a C++ compiler and nothing else of ours.
/// </summary>
public static class TrainingBundle
{
    private const string Root = "llicm-training/";

    /// <summary>Writes the archive.</summary>
    /// <returns>The files written: one, or the parts.</returns>
    /// <exception cref="TrainingException">Something is missing; the message names it.</exception>
    /// <exception cref="OutputException">The archive can't be written.</exception>
    public static IReadOnlyList<string> Write(BundleOptions options, CancellationToken cancellation = default)
    {
        if (!File.Exists(Path.Combine(options.Program, "LlIcm.Cli")) || !File.Exists(Path.Combine(options.Program, "libcoreclr.so")))
            throw new TrainingException($"{options.Program}: no self-contained program for linux-x64 (dotnet publish -r linux-x64 --self-contained)");
        if (!File.Exists(Path.Combine(options.Native, "CMakeLists.txt")))
            throw new TrainingException($"{options.Native}: not the source of the native bridge");
        var paths = new List<(string Path, string? Masks)>();
        var sets = new List<(string Root, string Target, IReadOnlyList<string> Files)>();
        foreach (SourceRecipe source in options.Data?.Sources ?? []) paths.Add(Plan(source, paths.Count, sets));
        if (sets.Count == 0 && options.Crops is null) throw new TrainingException("no data: --data FOLDER, or a data section in the recipe");
        foreach (string folder in new[] { options.Crops, options.Crops is null ? null : options.Validation }.OfType<string>())
            CropStore.Open(folder, null, 0).Dispose();
        if (options.Crops is null && options.Validation is { } apart) Plan(DataRecipe.Of(apart).Sources[0], "validation", sets);
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(options.Output))!);
            using var file = new SplitStream(options.Output, options.PartLength);
            using (Stream packed = Compress(file, options.Output))
            using (var tar = new TarWriter(packed, TarEntryFormat.Pax, leaveOpen: true))
            {
                Text(tar, "train.sh", Script(options), executable: true);
                Text(tar, "recipe.yaml", options.Crops is null ? RecipeFile.WithSources(options.Recipe, paths) : options.Recipe);
                Folder(tar, options.Native, "native/", path => path.EndsWith(".cpp", StringComparison.Ordinal)
                    || path.EndsWith(".h", StringComparison.Ordinal) || Path.GetFileName(path) == "CMakeLists.txt", cancellation);
                Folder(tar, options.Program, "program/", path => !path.EndsWith(".pdb", StringComparison.Ordinal), cancellation);
                if (options.Model is { } model)
                    Folder(tar, model, "model/", path => path.EndsWith(".safetensors", StringComparison.Ordinal)
                        && !path.Contains("checkpoint", StringComparison.Ordinal), cancellation);
                if (options.Crops is { } crops) Folder(tar, crops, "data/", IsCrops, cancellation);
                if (options.Crops is not null && options.Validation is { } heldOut) Folder(tar, heldOut, "validation/", IsCrops, cancellation);
                int skipped = 0;
                foreach ((string root, string target, IReadOnlyList<string> files) in sets)
                    skipped += Pictures(tar, root, target, files, options, cancellation);
                if (skipped > 0) options.Report($"{skipped} pictures could not be read and were left out");
            }
            file.Complete();
            return file.Files;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new OutputException(options.Output, error);
        }
    }

    private static bool IsCrops(string path) => path.EndsWith(".bin", StringComparison.Ordinal);

    private static (string Path, string? Masks) Plan(
        SourceRecipe source, int index, List<(string Root, string Target, IReadOnlyList<string> Files)> sets)
    {
        string target = string.Create(CultureInfo.InvariantCulture, $"data/{index}");
        Plan(source, target, sets);
        if (source.Masks is null) return (target, null);
        sets.Add((source.Masks, target + "-masks", PictureSets.Open(source)[0].Masks));
        return (target, target + "-masks");
    }

    private static void Plan(
        SourceRecipe source, string target, List<(string Root, string Target, IReadOnlyList<string> Files)> sets)
    {
        IEnumerable<PictureSet> found = PictureSets.Open(source);
        // A flat folder of faces is split by counting, so that both parts have to be there.
        if (source.Kind == SourceKind.CelebAHq && !PictureSets.HasSplit(source))
            found = [.. found, .. PictureSets.Open(source with { Split = source.Split == DataSplit.Train ? DataSplit.Test : DataSplit.Train })];
        string[] files = [.. found.SelectMany(set => set.Entries)
            .SelectMany(entry => new[] { entry.Target, entry.Input, entry.Mask }).OfType<string>().Distinct().Order(StringComparer.Ordinal)];
        // The name of a folder of pairs tells their task.
        string name = source.Kind == SourceKind.Pairs && source.Task is null && Directory.Exists(Path.Combine(source.Path, "input"))
            ? "/" + Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(source.Path))) : "";
        sets.Add((source.Path, target + name, files));
    }

    private static int Pictures(
        TarWriter tar, string root, string target, IReadOnlyList<string> files, BundleOptions options, CancellationToken cancellation)
    {
        options.Report($"{root}: {files.Count} pictures");
        var names = new HashSet<string>(StringComparer.Ordinal);
        int skipped = 0;
        // Decoded in portions on all cores, written in order.
        foreach (string[] portion in files.Chunk(64))
        {
            cancellation.ThrowIfCancellationRequested();
            byte[]?[] contents = new byte[]?[portion.Length];
            Parallel.For(0, portion.Length, i =>
            {
                try
                {
                    contents[i] = options.AsPng
                        ? PictureFile.Encode(Opaque(PictureFile.Load(portion[i])), PictureFormat.Png) : File.ReadAllBytes(portion[i]);
                }
                catch (PictureException)
                {
                    // Counted below: training would have skipped it too.
                }
            });
            for (int i = 0; i < portion.Length; i++)
            {
                string name = Path.GetRelativePath(root, portion[i]).Replace(Path.DirectorySeparatorChar, '/');
                if (options.AsPng) name = Path.ChangeExtension(name, ".png");
                if (!names.Add(name)) names.Add(name = Path.GetRelativePath(root, portion[i]) + ".png");
                if (contents[i] is { } content) Entry(tar, $"{target}/{name}", content);
                else skipped++;
            }
        }
        return skipped;
    }

    private static Picture Opaque(Picture picture) => new(picture.Width, picture.Height, picture.Rgb);

    private static void Folder(TarWriter tar, string folder, string target, Func<string, bool> which, CancellationToken cancellation)
    {
        foreach (string path in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Where(which).Order(StringComparer.Ordinal))
        {
            cancellation.ThrowIfCancellationRequested();
            string name = Path.GetRelativePath(folder, path).Replace(Path.DirectorySeparatorChar, '/');
            Entry(tar, target + name, File.ReadAllBytes(path), executable: name is "LlIcm.Cli" or "createdump");
        }
    }

    private static void Text(TarWriter tar, string name, string text, bool executable = false) =>
        Entry(tar, name, Encoding.UTF8.GetBytes(text), executable);

    private static void Entry(TarWriter tar, string name, byte[] content, bool executable = false)
    {
        const UnixFileMode plain = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
        const UnixFileMode runs = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
        using var data = new MemoryStream(content);
        tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, Root + name)
        {
            DataStream = data,
            Mode = executable ? plain | runs : plain,
        });
    }

    private static Stream Compress(Stream to, string path)
    {
        if (path.EndsWith(".tar", StringComparison.Ordinal)) return new BufferedStream(to, 1 << 16);
        if (path.EndsWith(".tar.gz", StringComparison.Ordinal)) return new GZipStream(to, CompressionLevel.Optimal, leaveOpen: true);
        if (path.EndsWith(".tar.xz", StringComparison.Ordinal)) return new XzStream(to);
        throw new TrainingException($"{path}: a bundle's name ends with .tar, .tar.gz or .tar.xz");
    }

    private static string Script(BundleOptions options)
    {
        using Stream stream = typeof(TrainingBundle).Assembly.GetManifestResourceStream("train.sh")!;
        using var reader = new StreamReader(stream);
        string from = options.Stage switch { "joint" => "--model", "controller" => "--tower", _ => "--init" };
        string arguments = options.Model is null ? "" : $" {from} model";
        if (options.Crops is not null) arguments += " --data data";
        if (options.Validation is not null) arguments += " --validation validation";
        return reader.ReadToEnd().Replace("@STAGE@", options.Stage, StringComparison.Ordinal)
            .Replace(" @ARGUMENTS@", arguments, StringComparison.Ordinal);
    }

    // The program xz between two pipes.
    private sealed class XzStream : Stream
    {
        private readonly Process _xz;
        private readonly Task _copy;

        public XzStream(Stream to)
        {
            try
            {
                _xz = Process.Start(new ProcessStartInfo("xz", ["-T0", "-c"]) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
            }
            catch (System.ComponentModel.Win32Exception)
            {
                throw new TrainingException("the program xz is not installed (Debian: xz-utils); .tar.gz needs none");
            }
            _copy = Task.Run(() => _xz.StandardOutput.BaseStream.CopyTo(to));
        }

        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override void Write(byte[] buffer, int offset, int count) => _xz.StandardInput.BaseStream.Write(buffer, offset, count);

        public override void Write(ReadOnlySpan<byte> buffer) => _xz.StandardInput.BaseStream.Write(buffer);

        public override void Flush() => _xz.StandardInput.BaseStream.Flush();

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                _xz.StandardInput.Close();
                _copy.GetAwaiter().GetResult();
                _xz.WaitForExit();
                int status = _xz.ExitCode;
                _xz.Dispose();
                if (status != 0) throw new IOException($"xz ended with status {status}");
            }
            base.Dispose(disposing);
        }
    }
}
