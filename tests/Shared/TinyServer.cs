using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;

namespace LlIcm.TestSupport;

/// <summary>An HTTP server on 127.0.0.1 that can misbehave.</summary>
internal sealed class TinyServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _loop;

    public TinyServer()
    {
        _listener.Start();
        _loop = Task.Run(LoopAsync);
    }

    public string Address => $"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/models";

    /// <summary>The files by their path below the address.</summary>
    public Dictionary<string, byte[]> Files { get; } = [];

    /// <summary>Ends each of the next connections after so many bytes of content.</summary>
    public Queue<int> CutAfter { get; } = new();

    /// <summary>Sends nothing at all on each of the next connections.</summary>
    public int Silences { get; set; }

    /// <summary>Answers every request for a part with the whole.</summary>
    public bool IgnoresRanges { get; set; }

    /// <summary>Called after each answer, before the next request is looked at.</summary>
    public Action? Answered { get; set; }

    /// <summary>The method, path and range of every request.</summary>
    public List<string> Requests { get; } = [];

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        try
        {
            await _loop;
        }
        catch (Exception error) when (error is OperationCanceledException or SocketException or ObjectDisposedException)
        {
        }
    }

    private async Task LoopAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            using TcpClient client = await _listener.AcceptTcpClientAsync(_stop.Token);
            try
            {
                await AnswerAsync(client.GetStream());
            }
            catch (IOException)
            {
                // The client went away.
            }
            Answered?.Invoke();
        }
    }

    private async Task AnswerAsync(NetworkStream stream)
    {
        using var reader = new StreamReader(stream, Encoding.ASCII, false, 1024, leaveOpen: true);
        string[] first = (await reader.ReadLineAsync(_stop.Token) ?? "").Split(' ');
        if (first.Length < 2) return;
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        while (await reader.ReadLineAsync(_stop.Token) is { Length: > 0 } line)
            headers[line.Split(':', 2)[0]] = line.Split(':', 2)[1].Trim();
        headers.TryGetValue("Range", out string? range);
        Requests.Add($"{first[0]} {first[1]} {range}".TrimEnd());
        if (Silences-- > 0)
        {
            await Task.Delay(TimeSpan.FromSeconds(2), _stop.Token);
            return;
        }
        if (!Files.TryGetValue(first[1].Replace("/models/", "", StringComparison.Ordinal), out byte[]? content))
        {
            await stream.WriteAsync(
                "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"u8.ToArray());
            return;
        }
        string tag = $"\"{Convert.ToHexStringLower(SHA256.HashData(content))[..16]}\"";
        int start = 0;
        bool fits = !headers.TryGetValue("If-Range", out string? condition) || condition == tag;
        if (range is not null && fits && !IgnoresRanges)
            start = int.Parse(range["bytes=".Length..^1], CultureInfo.InvariantCulture);
        string head = start > 0
            ? $"HTTP/1.1 206 Partial Content\r\nContent-Range: bytes {start}-{content.Length - 1}/{content.Length}\r\n"
            : "HTTP/1.1 200 OK\r\n";
        head += $"ETag: {tag}\r\nContent-Length: {content.Length - start}\r\nConnection: close\r\n\r\n";
        await stream.WriteAsync(Encoding.ASCII.GetBytes(head));
        int count = content.Length - start;
        if (CutAfter.TryDequeue(out int limit)) count = Math.Min(count, limit);
        await stream.WriteAsync(content.AsMemory(start, count));
    }
}
