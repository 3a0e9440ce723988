using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using LlIcm.Imaging;

namespace LlIcm.Training.Data;

/// <summary>
/// Decodes pictures once: those that fit stay in memory, all of them in a folder where one is given. Unusable ones are remembered
/// with the reason. Safe for use by several threads at once.
/// </summary>
public sealed class PictureStore
{
    private const int HeaderLength = 16;
    private static ReadOnlySpan<byte> Magic => "llicmRGB"u8;

    private readonly ConcurrentDictionary<string, Picture> _held = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, string> _unusable = new(StringComparer.Ordinal);
    private readonly Func<string, Picture> _decode;
    private readonly long _maxBytes;
    private readonly string? _folder;
    private long _bytes, _decoded;
    private volatile string? _cacheError;

    /// <summary>An empty store.</summary>
    /// <param name="maxBytes">Most bytes of pixels in memory.</param>
    /// <param name="folder">Where decoded pictures are kept; made if it is missing. Null for none.</param>
    /// <param name="decode">Reads one file; null for <see cref="PictureFile.Load(string, PictureLoadOptions?)"/>.</param>
    /// <exception cref="TrainingException">The folder can't be made.</exception>
    public PictureStore(long maxBytes, string? folder = null, Func<string, Picture>? decode = null)
    {
        (_maxBytes, _folder, _decode) = (maxBytes, folder, decode ?? (path => PictureFile.Load(path)));
        if (folder is null) return;
        try
        {
            Directory.CreateDirectory(folder);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new TrainingException($"{folder}: {error.Message}", error);
        }
    }

    /// <summary>Files that could not be used, each with the reason in one line, by name.</summary>
    public IReadOnlyList<(string Path, string Reason)> Skipped =>
        [.. _unusable.OrderBy(each => each.Key, StringComparer.Ordinal).Select(each => (each.Key, each.Value))];

    /// <summary>Bytes of pixels held in memory.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>How often a file had to be decoded.</summary>
    public long Decoded => Interlocked.Read(ref _decoded);

    /// <summary>Why the folder takes no more pictures, e.g. a full disk; null while it does. Training goes on without it.</summary>
    public string? CacheError => _cacheError;

    /// <summary>A picture's pixels; null if the file is unusable, which is noted.</summary>
    public Picture? Load(string path)
    {
        if (_held.TryGetValue(path, out Picture? held)) return held;
        if (_unusable.ContainsKey(path)) return null;
        try
        {
            string? kept = _folder is null ? null : Path.Combine(_folder, NameOf(path));
            Picture? picture = kept is null ? null : ReadKept(kept);
            if (picture is null)
            {
                Interlocked.Increment(ref _decoded);
                picture = _decode(path);
                if (kept is not null) Keep(kept, picture);
            }
            Hold(path, picture);
            return picture;
        }
        catch (Exception error) when (Unusable.Reason(path, error) is { } reason)
        {
            Reject(path, reason);
            return null;
        }
    }

    /// <summary>Notes that a file is of no use.</summary>
    /// <param name="path">The file.</param>
    /// <param name="reason">Why, in one line that names it.</param>
    public void Reject(string path, string reason)
    {
        _unusable.TryAdd(path, reason);
        if (_held.TryRemove(path, out Picture? held)) Interlocked.Add(ref _bytes, -held.Rgb.Length);
    }

    // Draws are uniform, so that which pictures stay does not matter: the first ones do.
    private void Hold(string path, Picture picture)
    {
        long length = picture.Rgb.Length;
        if (Interlocked.Add(ref _bytes, length) > _maxBytes || !_held.TryAdd(path, picture))
            Interlocked.Add(ref _bytes, -length);
    }

    private static Picture? ReadKept(string path)
    {
        try
        {
            if (!File.Exists(path)) return null;
            using FileStream stream = File.OpenRead(path);
            Span<byte> header = stackalloc byte[HeaderLength];
            stream.ReadExactly(header);
            int width = BinaryPrimitives.ReadInt32LittleEndian(header[8..]), height = BinaryPrimitives.ReadInt32LittleEndian(header[12..]);
            if (!header.StartsWith(Magic) || width < 1 || height < 1 || stream.Length != HeaderLength + 3L * width * height) return null;
            byte[] rgb = new byte[3 * width * height];
            stream.ReadExactly(rgb);
            return new Picture(width, height, rgb);
        }
        catch (IOException)
        {
            // A cache may lose anything: the picture is decoded again.
            return null;
        }
    }

    private void Keep(string path, Picture picture)
    {
        if (_cacheError is not null) return;
        string temporary = string.Create(CultureInfo.InvariantCulture, $"{path}.{Environment.ProcessId}.{Environment.CurrentManagedThreadId}.tmp");
        try
        {
            using (FileStream stream = File.Create(temporary))
            {
                Span<byte> header = stackalloc byte[HeaderLength];
                Magic.CopyTo(header);
                BinaryPrimitives.WriteInt32LittleEndian(header[8..], picture.Width);
                BinaryPrimitives.WriteInt32LittleEndian(header[12..], picture.Height);
                stream.Write(header);
                stream.Write(picture.Rgb);
            }
            File.Move(temporary, path, overwrite: true);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            _cacheError = $"{_folder}: {error.Message}";
            if (File.Exists(temporary)) File.Delete(temporary);
        }
    }

    // A file that changed is another one.
    private static string NameOf(string path)
    {
        var file = new FileInfo(path);
        string identity = string.Create(
            CultureInfo.InvariantCulture, $"{file.FullName}\n{file.Length}\n{file.LastWriteTimeUtc.Ticks}");
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(identity)).AsSpan(0, 16)) + ".rgb";
    }
}
