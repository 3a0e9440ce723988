using System.Buffers;
using System.IO.Compression;

namespace LlIcm.Container;

/// <summary>Unpacks Brotli data into spans of known size; anything but exactly enough data is an error.</summary>
/// <param name="source">All the data.</param>
/// <param name="what">What they are, for messages.</param>
internal ref struct BrotliSource(ReadOnlySpan<byte> source, string what)
{
    private readonly string _what = what;
    private ReadOnlySpan<byte> _source = source;
    private BrotliDecoder _decoder;
    private bool _done;

    /// <summary>Fills <paramref name="destination"/>.</summary>
    /// <exception cref="LlicFormatException">The data are damaged or end too early.</exception>
    public void Fill(scoped Span<byte> destination)
    {
        while (!destination.IsEmpty)
        {
            if (_done) throw Damaged();
            OperationStatus status = _decoder.Decompress(_source, destination, out int consumed, out int written);
            _source = _source[consumed..];
            destination = destination[written..];
            _done = status == OperationStatus.Done;
            // All data are at hand, so needing more means that they were cut off.
            if (status is OperationStatus.InvalidData or OperationStatus.NeedMoreData || (!_done && written == 0))
                throw Damaged();
        }
    }

    /// <summary>Makes sure that nothing is left over.</summary>
    /// <exception cref="LlicFormatException">There is.</exception>
    public void End()
    {
        if (!_done)
        {
            Span<byte> none = stackalloc byte[1];
            OperationStatus status = _decoder.Decompress(_source, none, out int consumed, out int written);
            if (status != OperationStatus.Done || written != 0) throw Damaged();
            _source = _source[consumed..];
        }

        if (!_source.IsEmpty) throw Damaged();
    }

    /// <summary>Frees the decoder.</summary>
    public void Dispose() => _decoder.Dispose();

    private readonly LlicFormatException Damaged() => new($"the {_what} is damaged");
}
