using System.Diagnostics.CodeAnalysis;

namespace LlIcm.Container;

/// <summary>
/// The entropy-coded picture: hyper latents z, latents y, and what pins the decisions at scale boundaries.
/// </summary>
public sealed class LatentSegment
{
    private readonly BoundarySymbol[] _boundary;

    /// <summary>Creates a segment without listed decisions.</summary>
    public LatentSegment() => _boundary = [];

    [SetsRequiredMembers]
    private LatentSegment(BoundarySymbol[] boundary) => _boundary = boundary;

    /// <summary>The rANS stream of the hyper latents z; empty for a model without hyperprior.</summary>
    public ReadOnlyMemory<byte> HyperStream { get; init; }

    /// <summary>The rANS stream of the latents y.</summary>
    public required ReadOnlyMemory<byte> LatentStream { get; init; }

    /// <summary>The listed decisions, by rising position among the symbols of <see cref="LatentStream"/>.</summary>
    /// <exception cref="ArgumentException">Positions do not rise or are out of range.</exception>
    public IReadOnlyList<BoundarySymbol> BoundarySymbols
    {
        get => _boundary;
        init
        {
            _boundary = [.. value];
            BoundaryList.Check(_boundary);
        }
    }

    /// <summary>The decisions for the symbols <paramref name="first"/> … <c>first + count - 1</c>.</summary>
    /// <param name="first">The first symbol's ordinal.</param>
    /// <param name="count">The number of symbols.</param>
    public ReadOnlySpan<BoundarySymbol> BoundarySymbolsWithin(long first, long count)
    {
        int start = LowerBound(first);
        return _boundary.AsSpan(start, LowerBound(first + count) - start);
    }

    private int LowerBound(long position)
    {
        int low = 0;
        int high = _boundary.Length;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (_boundary[middle].Position < position) low = middle + 1;
            else high = middle;
        }

        return low;
    }

    internal byte[] ToPayload()
    {
        if (!IsStream(HyperStream, mayBeEmpty: true) || !IsStream(LatentStream, mayBeEmpty: false))
            throw new InvalidOperationException("a rANS stream has a multiple of 4 bytes, at least 8");
        var payload = new ByteWriter();
        payload.Varint((ulong)HyperStream.Length);
        payload.Bytes(HyperStream.Span);
        BoundaryList.Write(payload, _boundary);
        payload.Bytes(LatentStream.Span);
        return payload.ToArray();
    }

    internal static LatentSegment FromPayload(ReadOnlyMemory<byte> payload)
    {
        var reader = new ByteReader(payload.Span, "latents");
        int hyper = reader.Length();
        ReadOnlyMemory<byte> hyperStream = payload.Slice(reader.Position, hyper);
        reader.Bytes(hyper);
        BoundarySymbol[] boundary = BoundaryList.Read(ref reader);
        ReadOnlyMemory<byte> latentStream = payload[reader.Position..];
        if (!IsStream(hyperStream, mayBeEmpty: true) || !IsStream(latentStream, mayBeEmpty: false))
            throw new LlicFormatException("the latents hold an incomplete rANS stream");
        return new LatentSegment(boundary)
        {
            HyperStream = hyperStream,
            LatentStream = latentStream,
        };
    }

    private static bool IsStream(ReadOnlyMemory<byte> stream, bool mayBeEmpty) =>
        stream.IsEmpty ? mayBeEmpty : stream.Length >= 8 && stream.Length % 4 == 0;
}
