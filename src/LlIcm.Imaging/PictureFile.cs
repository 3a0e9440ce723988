using System.Formats.Tar;

namespace LlIcm.Imaging;

/// <summary>Reads and writes picture files by way of libvips, which is loaded when it is first needed.</summary>
/// <remarks>
/// Every method may throw <see cref="PictureException"/> (one line: which file, what is wrong) and
/// <see cref="VipsUnavailableException"/> (libvips is not there: causes and cures). Methods may run in parallel.
/// </remarks>
public static class PictureFile
{
    private static readonly Dictionary<string, PictureFormat> s_extensions = new(StringComparer.OrdinalIgnoreCase)
    {
        [".png"] = PictureFormat.Png,
        [".jpg"] = PictureFormat.Jpeg,
        [".jpeg"] = PictureFormat.Jpeg,
        [".webp"] = PictureFormat.WebP,
        [".avif"] = PictureFormat.Avif,
        [".tif"] = PictureFormat.Tiff,
        [".tiff"] = PictureFormat.Tiff,
    };

    /// <summary>The version of libvips.</summary>
    public static Version LibraryVersion => Interop.VipsLibrary.Start();

    /// <summary>Sets how many threads libvips and its codecs take for one picture; as many as the processor has, at most 4, otherwise.</summary>
    /// <param name="count">1 or more.</param>
    public static void UseThreads(int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        Interop.VipsLibrary.Start();
        NetVips.NetVips.Concurrency = count;
    }

    /// <summary>The extensions that can be written, with their dots.</summary>
    public static IReadOnlyCollection<string> WritableExtensions => s_extensions.Keys;

    /// <summary>The extensions of files that can be read, with their dots: for picking files out of a folder.</summary>
    public static IReadOnlyCollection<string> ReadableExtensions { get; } =
        [.. s_extensions.Keys, ".heic", ".heif", ".hif", ".jxl", ".gif", ".bmp", ".ppm", ".pgm", ".pbm", ".pnm"];

    /// <summary>
    /// Reads a picture file, recognised by its content: PNG, JPEG, WebP, TIFF, AVIF, HEIC, JPEG XL, GIF, BMP
    /// and PPM. The EXIF orientation is applied; colours (grey, 16-bit, CMYK, palette, any ICC profile) become
    /// 8-bit sRGB. Files that end early or that the decoder finds fault with are refused rather than half shown.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="options">Limits and what to keep; null for the defaults.</param>
    /// <returns>The picture, upright.</returns>
    /// <exception cref="PictureException">The file cannot be read, is no picture, is damaged, truncated or too large.
    /// </exception>
    public static Picture Load(string path, PictureLoadOptions? options = null) => Load(ReadFile(path), path, options);

    /// <summary>Reads a picture from memory; else as <see cref="Load(string, PictureLoadOptions?)"/>.</summary>
    /// <param name="data">The file's bytes.</param>
    /// <param name="name">What to call it in error messages.</param>
    /// <param name="options">Limits and what to keep; null for the defaults.</param>
    /// <returns>The picture, upright.</returns>
    /// <exception cref="PictureException">The data are no picture, damaged, truncated, or too large.</exception>
    public static Picture Load(ReadOnlySpan<byte> data, string name, PictureLoadOptions? options = null) =>
        PictureDecoder.Decode(data, name, options ?? new PictureLoadOptions());

    /// <summary>Reads a picture from a stream, to its end; else as <see cref="Load(string, PictureLoadOptions?)"/>.</summary>
    /// <param name="stream">The file's bytes, from where the stream stands; it stays open.</param>
    /// <param name="name">What to call it in error messages.</param>
    /// <param name="options">Limits and what to keep; null for the defaults.</param>
    /// <returns>The picture, upright.</returns>
    /// <exception cref="PictureException">The data are no picture, damaged, truncated, or too large.</exception>
    /// <exception cref="IOException">The stream fails.</exception>
    public static Picture Load(Stream stream, string name = "stream", PictureLoadOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(stream);
        using var bytes = new MemoryStream();
        stream.CopyTo(bytes);
        return Load(bytes.GetBuffer().AsSpan(0, (int)bytes.Length), name, options);
    }

    /// <summary>Reads a picture file's header only.</summary>
    /// <param name="path">The file.</param>
    /// <returns>Format, size and colour of the picture.</returns>
    /// <exception cref="PictureException">The file cannot be read or its header is damaged.</exception>
    public static PictureInfo Identify(string path) => Identify(ReadFile(path), path);

    /// <summary>Reads a picture's header from memory.</summary>
    /// <param name="data">The file's bytes.</param>
    /// <param name="name">What to call it in error messages.</param>
    /// <returns>Format, size and colour of the picture.</returns>
    /// <exception cref="PictureException">The data are no picture, or its header is damaged.</exception>
    public static PictureInfo Identify(ReadOnlySpan<byte> data, string name) => PictureDecoder.Identify(data, name);

    /// <summary>
    /// Writes a picture file in the format of its extension: as a temporary file beside it, renamed when complete.
    /// </summary>
    /// <param name="picture">
    /// The picture; its EXIF and XMP, where present, are written too (TIFF takes XMP only). JPEG has no alpha: what is
    /// transparent is laid on white.
    /// </param>
    /// <param name="path">The file; an existing one is replaced.</param>
    /// <param name="options">Quality and the like; null for the defaults.</param>
    /// <exception cref="PictureException">The extension is unknown, the format cannot hold the picture, or the file
    /// cannot be written.</exception>
    public static void Save(Picture picture, string path, PictureSaveOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(picture);
        byte[] data = PictureEncoder.Encode(picture, FormatOf(path), options ?? new PictureSaveOptions(), path);
        string full = Path.GetFullPath(path);
        string temporary = Path.Combine(Path.GetDirectoryName(full)!, $".llicm-{Guid.NewGuid():N}.tmp");
        try
        {
            File.WriteAllBytes(temporary, data);
            File.Move(temporary, full, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            TryDelete(temporary);
            throw new PictureException($"{path}: cannot be written: {WhyNotWritten(e, full).Replace(temporary, path, StringComparison.Ordinal)}", e);
        }
    }

    /// <summary>Writes a picture to a stream, which stays open; nothing is written if it cannot be encoded.</summary>
    /// <param name="picture">The picture, with its metadata.</param>
    /// <param name="stream">Where to.</param>
    /// <param name="format">PNG, JPEG, WebP, AVIF or TIFF.</param>
    /// <param name="options">Quality and the like; null for the defaults.</param>
    /// <exception cref="PictureException">The format cannot be written, or cannot hold the picture.</exception>
    /// <exception cref="IOException">The stream fails.</exception>
    public static void Save(Picture picture, Stream stream, PictureFormat format, PictureSaveOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(stream);
        stream.Write(Encode(picture, format, options));
    }

    /// <summary>Encodes a picture: what <see cref="Save(Picture, string, PictureSaveOptions?)"/> would write.</summary>
    /// <param name="picture">The picture, with its metadata, as <see cref="Save(Picture, string, PictureSaveOptions?)"/> takes it.</param>
    /// <param name="format">PNG, JPEG, WebP, AVIF or TIFF.</param>
    /// <param name="options">Quality and the like; null for the defaults.</param>
    /// <returns>A complete file.</returns>
    /// <exception cref="PictureException">The format cannot be written, or cannot hold the picture.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public static byte[] Encode(Picture picture, PictureFormat format, PictureSaveOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(picture);
        return PictureEncoder.Encode(picture, format, options ?? new PictureSaveOptions(), format.ToString());
    }

    /// <summary>Whether a file is a file like others: no named pipe, device or socket, whose reading may never end.</summary>
    /// <param name="path">A file that exists; links are followed.</param>
    public static bool IsRegular(string path)
    {
        try
        {
            string target = File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path;
            if (new FileInfo(target).Length > 0) return true;
            // The kind of a file is nothing that .NET tells, but for its archives.
            using var archive = new MemoryStream();
            using (var tar = new TarWriter(archive, TarEntryFormat.Ustar, leaveOpen: true)) tar.WriteEntry(target, "it");
            archive.Position = 0;
            using var reader = new TarReader(archive);
            return reader.GetNextEntry()?.EntryType == TarEntryType.RegularFile;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Sockets are in no archive. Whatever may not be looked at is reported when it is read.
            return e is UnauthorizedAccessException || e is FileNotFoundException;
        }
    }

    /// <summary>The format that a path's extension asks for.</summary>
    /// <param name="path">A file name; the file need not exist.</param>
    /// <returns>A format that can be written.</returns>
    /// <exception cref="PictureException">No such format can be written; the message names those that can.</exception>
    public static PictureFormat FormatOf(string path)
    {
        string extension = Path.GetExtension(path);
        if (s_extensions.TryGetValue(extension, out PictureFormat format)) return format;
        string what = extension.Length == 0 ? "the name has no extension" : $"pictures are not written as {extension}";
        throw new PictureException($"{path}: {what} (known: {string.Join(' ', s_extensions.Keys)})");
    }

    private static byte[] ReadFile(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        try
        {
            if (Directory.Exists(path)) throw new PictureException($"{path}: is a folder, not a picture");
            using FileStream stream = File.OpenRead(path);
            if (!stream.CanSeek) return ReadToEnd(stream);

            // A look at the first bytes before the rest is read: the file may be gigabytes of something else.
            byte[] head = new byte[Math.Min(stream.Length, PictureSniffer.HeadLength)];
            stream.ReadExactly(head);
            if (PictureSniffer.Sniff(head) is null) return head;
            if (stream.Length > Array.MaxLength)
                throw new PictureException($"{path}: {stream.Length} bytes, more than the limit of 2 GiB");
            byte[] data = new byte[stream.Length];
            head.CopyTo(data, 0);
            stream.ReadExactly(data.AsSpan(head.Length));
            return data;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new PictureException($"{path}: no such file", e);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new PictureException($"{path}: permission denied", e);
        }
        catch (IOException e)
        {
            throw new PictureException($"{path}: cannot be read: {OneLine(e.Message)}", e);
        }
    }

    private static byte[] ReadToEnd(Stream stream)
    {
        using var all = new MemoryStream();
        stream.CopyTo(all);
        return all.ToArray();
    }

    private static string WhyNotWritten(Exception e, string full) => e switch
    {
        DirectoryNotFoundException => $"there is no folder {Path.GetDirectoryName(full)}",
        UnauthorizedAccessException when Directory.Exists(full) => "it is a folder",
        IOException when Directory.Exists(full) => "it is a folder",
        UnauthorizedAccessException => "permission denied",
        _ => OneLine(e.Message),
    };

    private static string OneLine(string message) => message.ReplaceLineEndings(" ");

    private static void TryDelete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // What could not be written could not be made either; the first error is the one to report.
        }
    }
}
