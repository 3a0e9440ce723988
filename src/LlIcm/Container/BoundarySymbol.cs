namespace LlIcm.Container;

/// <summary>
/// One decision that rounding on another machine could turn: the scale of this symbol lies next to a boundary between
/// two entries of the scale table. The decoder finds the boundary nearest to its own scale and takes the side given
/// here.
/// </summary>
/// <param name="Position">The symbol's ordinal in coding order, from 0.</param>
/// <param name="Upper">True: the encoder used the entry above the boundary; false: the one below.</param>
public readonly record struct BoundarySymbol(long Position, bool Upper);
