using System.Globalization;
using System.Net;
using System.Net.Http.Headers;

namespace LlIcm.Zoo;

/// <summary>Where files are fetched from.</summary>
internal abstract class ModelMirror : IDisposable
{
    /// <summary>A mirror by its address (http, https) or folder.</summary>
    public static ModelMirror Of(string address) =>
        Uri.TryCreate(address, UriKind.Absolute, out Uri? uri) && uri.Scheme is "http" or "https"
            ? new Web(address)
            : new Folder(address);

    /// <summary>Opens a file at an offset.</summary>
    /// <param name="name">The name below the mirror's root.</param>
    /// <param name="offset">How much is there already.</param>
    /// <param name="tag">The version that is there; another version starts anew.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <exception cref="FileNotFoundException">The mirror does not have it.</exception>
    /// <exception cref="IOException">The mirror cannot be read now.</exception>
    public abstract Task<Opened> OpenAsync(string name, long offset, string? tag, CancellationToken cancellation);

    public virtual void Dispose()
    {
    }

    /// <summary>An open file.</summary>
    /// <param name="Content">The bytes from <paramref name="Start"/> on.</param>
    /// <param name="Start">0, or the offset asked for.</param>
    /// <param name="Total">The length of the whole file, if known.</param>
    /// <param name="Tag">Its version, if known.</param>
    internal sealed record Opened(Stream Content, long Start, long? Total, string? Tag);

    private sealed class Folder(string root) : ModelMirror
    {
        public override Task<Opened> OpenAsync(string name, long offset, string? tag, CancellationToken cancellation)
        {
            string path = Path.Combine(root, name);
            if (!File.Exists(path)) throw new FileNotFoundException($"{path} does not exist");
            var info = new FileInfo(path);
            string version = $"{info.Length}-{info.LastWriteTimeUtc.Ticks}";
            if (version != tag || offset > info.Length) offset = 0;
            FileStream stream = File.OpenRead(path);
            stream.Position = offset;
            return Task.FromResult(new Opened(stream, offset, info.Length, version));
        }
    }

    private sealed class Web(string root) : ModelMirror
    {
        private readonly HttpClient _client = new(new SocketsHttpHandler { ConnectTimeout = TimeSpan.FromSeconds(20) })
        {
            Timeout = Timeout.InfiniteTimeSpan,
        };

        public override async Task<Opened> OpenAsync(
            string name, long offset, string? tag, CancellationToken cancellation)
        {
            string address = $"{root.TrimEnd('/')}/{string.Join('/', name.Split('/').Select(Uri.EscapeDataString))}";
            using var request = new HttpRequestMessage(HttpMethod.Get, address);
            // Without a version nobody can tell whether the rest would fit.
            if (offset > 0 && Condition(tag) is { } condition)
            {
                request.Headers.Range = new RangeHeaderValue(offset, null);
                request.Headers.IfRange = condition;
            }
            HttpResponseMessage response;
            try
            {
                response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation)
                    .ConfigureAwait(false);
            }
            catch (HttpRequestException error)
            {
                throw new IOException($"{address}: {error.Message}", error);
            }
            if (response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable)
            {
                response.Dispose();
                return await OpenAsync(name, 0, null, cancellation).ConfigureAwait(false);
            }
            if (!response.IsSuccessStatusCode)
            {
                string what = $"{address}: {(int)response.StatusCode} {response.ReasonPhrase}";
                bool absent = response.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.Gone;
                response.Dispose();
                throw absent ? new FileNotFoundException(what) : new IOException(what);
            }
            ContentRangeHeaderValue? range = response.Content.Headers.ContentRange;
            bool partial = response.StatusCode == HttpStatusCode.PartialContent && range?.From == offset;
            long? total = partial ? range!.Length : response.Content.Headers.ContentLength;
            Stream content = await response.Content.ReadAsStreamAsync(cancellation).ConfigureAwait(false);
            return new Opened(content, partial ? offset : 0, total, Version(response));
        }

        private static string? Version(HttpResponseMessage response) =>
            response.Headers.ETag is { IsWeak: false } strong
            ? strong.ToString()
            : response.Content.Headers.LastModified?.ToString("r", CultureInfo.InvariantCulture);

        private static RangeConditionHeaderValue? Condition(string? tag)
        {
            if (EntityTagHeaderValue.TryParse(tag, out EntityTagHeaderValue? version)) return new(version);
            return DateTimeOffset.TryParse(tag, CultureInfo.InvariantCulture, out DateTimeOffset date)
                ? new(date) : null;
        }

        public override void Dispose() => _client.Dispose();
    }
}
