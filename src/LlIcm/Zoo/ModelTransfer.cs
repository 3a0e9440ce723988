using System.Security.Cryptography;
using System.Text;

namespace LlIcm.Zoo;

/// <summary>
/// Brings one file into the store: into <c>NAME.part</c> first, continued after an interruption, checked, then renamed.
/// What carries the final name is complete.
/// </summary>
internal sealed class ModelTransfer(ModelMirror mirror, string root, IProgress<TransferProgress>? progress)
{
    private const int BufferSize = 1 << 17, Attempts = 5;

    /// <summary>How long the mirror may send nothing.</summary>
    internal TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long to wait before the first repetition; doubled each time.</summary>
    internal TimeSpan Pause { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Brings a file.</summary>
    /// <returns>Its hash.</returns>
    /// <exception cref="ModelStoreException">It cannot be had, or is not what it should be.</exception>
    public async Task<string> BringAsync(PublishedFile file, CancellationToken cancellation)
    {
        string path = Path.Combine(root, file.Name), part = path + ".part";
        bool keep = true;
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            string hash;
            await using (FileStream target = Open(part))
            {
                try
                {
                    await FillAsync(file, target, part + ".tag", cancellation).ConfigureAwait(false);
                    target.Position = 0;
                    byte[] bytes = await SHA256.HashDataAsync(target, cancellation).ConfigureAwait(false);
                    hash = Convert.ToHexStringLower(bytes);
                    if (file.Sha256 is null)
                        file = file with { Sha256 = await OfferedHashAsync(file, cancellation).ConfigureAwait(false) };
                    // What has come is wrong from somewhere on; continuing it would never end well.
                    keep = Mismatch(file, target.Length, hash) is null;
                    if (!keep)
                        throw new ModelStoreException(
                            $"{file.Name}: {Mismatch(file, target.Length, hash)}; nothing was kept");
                    target.Flush(flushToDisk: true);
                }
                finally
                {
                    keep &= target.Length > 0;
                }
            }
            File.Move(part, path, overwrite: true);
            File.Delete(part + ".tag");
            return hash;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new ModelStoreException($"{file.Name}: {error.Message}", error);
        }
        finally
        {
            if (!keep)
            {
                File.Delete(part);
                File.Delete(part + ".tag");
            }
        }
    }

    /// <summary>What is wrong with a file of this length and hash; null if nothing.</summary>
    public static string? Mismatch(PublishedFile file, long length, string hash)
    {
        if (file.Size is { } size && size != length) return $"{length} bytes long instead of {size}";
        return hash.StartsWith(file.HashPrefix, StringComparison.Ordinal)
            ? null
            : $"SHA-256 {hash} instead of {file.HashPrefix}{(file.Sha256 is null ? "…" : "")}";
    }

    // The hash that the mirror itself offers for a file, in NAME.sha256 as sha256sum writes it; null where it offers none, or
    // one that contradicts the file's name.
    private async Task<string?> OfferedHashAsync(PublishedFile file, CancellationToken cancellation)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(Patience);
        try
        {
            ModelMirror.Opened source = await mirror.OpenAsync(file.Name + ".sha256", 0, null, patience.Token)
                .ConfigureAwait(false);
            await using Stream content = source.Content;
            var digits = new byte[2 * SHA256.HashSizeInBytes];
            int count = await content.ReadAtLeastAsync(digits, digits.Length, false, patience.Token).ConfigureAwait(false);
            string hash = Encoding.ASCII.GetString(digits, 0, count).ToLowerInvariant();
            bool usable = count == digits.Length && hash.All(char.IsAsciiHexDigitLower)
                && hash.StartsWith(file.HashPrefix, StringComparison.Ordinal);
            return usable ? hash : null;
        }
        catch (Exception error) when (error is IOException or HttpRequestException or UnauthorizedAccessException)
        {
            return null;
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return null;
        }
    }

    private static FileStream Open(string part)
    {
        try
        {
            return new FileStream(part, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException error) when (File.Exists(part))
        {
            throw new ModelStoreException($"{part} is in use: another process seems to be fetching it", error);
        }
    }

    private async Task FillAsync(PublishedFile file, FileStream target, string tagPath, CancellationToken cancellation)
    {
        TimeSpan pause = Pause;
        for (int attempt = 1; ; attempt++)
        {
            long before = target.Length;
            try
            {
                if (await ContinueAsync(file, target, tagPath, cancellation).ConfigureAwait(false)) return;
                throw new IOException("the mirror ended before the file did");
            }
            catch (FileNotFoundException)
            {
                throw;
            }
            catch (IOException) when (attempt < Attempts || target.Length > before)
            {
                // Whoever makes progress may go on for ever.
                if (target.Length > before) (attempt, pause) = (1, Pause);
                await Task.Delay(pause, cancellation).ConfigureAwait(false);
                pause *= 2;
            }
        }
    }

    // Whether the file is complete.
    private async Task<bool> ContinueAsync(
        PublishedFile file, FileStream target, string tagPath, CancellationToken cancellation)
    {
        string? tag = File.Exists(tagPath)
            ? await File.ReadAllTextAsync(tagPath, cancellation).ConfigureAwait(false)
            : null;
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(Patience);
        try
        {
            long offset = tag is null ? 0 : target.Length;
            ModelMirror.Opened source = await mirror.OpenAsync(file.Name, offset, tag, patience.Token)
                .ConfigureAwait(false);
            await using Stream content = source.Content;
            target.SetLength(source.Start);
            target.Position = source.Start;
            if (source.Tag is null) File.Delete(tagPath);
            else await File.WriteAllTextAsync(tagPath, source.Tag, cancellation).ConfigureAwait(false);
            var buffer = new byte[BufferSize];
            while (true)
            {
                patience.CancelAfter(Patience);
                int count = await content.ReadAsync(buffer, patience.Token).ConfigureAwait(false);
                if (count == 0) break;
                await target.WriteAsync(buffer.AsMemory(0, count), cancellation).ConfigureAwait(false);
                if ((source.Total ?? file.Size) is { } limit && target.Length > limit)
                    throw new ModelStoreException($"{file.Name}: the mirror sends more than {limit} bytes");
                progress?.Report(new TransferProgress(file.Name, target.Length, source.Total ?? file.Size));
            }
            return source.Total is not { } total || target.Length == total;
        }
        catch (OperationCanceledException error) when (!cancellation.IsCancellationRequested)
        {
            throw new IOException($"the mirror has sent nothing for {Patience.TotalSeconds:0.#} s", error);
        }
        catch (HttpRequestException error)
        {
            throw new IOException(error.Message, error);
        }
    }
}
