"""Published tables for the tests, their values made up: a file for every layout, every rule in one of them."""

from __future__ import annotations

from pathlib import Path

FILES = {
    "matching": "model,threshold,recall,precision,fp_tp\nnet,0.85,0.50,0.25,3.00\nnet,0.9,0.40,0.60,1.00\n",
    "electrical-goods": (
        "model;Top-1;Top-3;loss;size (MB);parameters (millions);latency (ms)\n"
        "ResNet-18;0,8;0,9;0,5;46,8;11,7;20\nour own net;0,8;;;;4;\n"
    ),
    "electrical-goods-online": "model,cold start,first answer,RAM\nnet,2.5,3,900\n",
    "electrical-goods-items": "model,Top-1,Top-5,P@5,R@5,RR\nnet,40 %,60 %,0.2,0.5,0.45\n",
    "sneakers": "features,knn,CatBoost\nHOG,0.61,0.7\n",
    "sneakers-items": "model,Top-1\nnet,0.5\n",
    "sneakers-soles": "features,with,without\nnet,0.5,0.6\n",
    "groceries-timing": "way,pairs,seconds,times\npair by pair,100,97,1\nas matrices,100,0.1,970\n",
    "vova": "model,Top-1,Top-5,R@5\nnet,0.50,0.70,0.80\n",
}


def write(home: Path, key: str, text: str = "") -> Path:
    """One of the tables in a workspace, with its made-up text or another."""
    path = home / "published" / f"{key}.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text or FILES[key], encoding="utf-8")
    return path


def tables(home: Path) -> Path:
    """Every table in a workspace, which is returned."""
    for key in FILES:
        write(home, key)
    return home
